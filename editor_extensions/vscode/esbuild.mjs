// Builds dist/: the bundle, and the licences of what is in it. Both are committed, so that nobody
// needs Node to install the extension; `--check` builds afresh and fails when they differ.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const isCheck = process.argv.includes("--check");

const result = await build({
  absWorkingDir: here.pathname,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none",
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  charset: "ascii",
  logLevel: "warning",
  write: false,
});

const built = {
  "dist/extension.js": result.outputFiles[0].text,
  "dist/THIRD_PARTY_LICENCES.txt": licences(Object.keys(result.metafile.inputs)),
};

mkdirSync(new URL("dist/", here), { recursive: true });
for (const [name, text] of Object.entries(built)) {
  const file = new URL(name, here);
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    console.error(`error: ${name} is not what the sources build`);
    console.error("hint: npm run build, then commit it");
    process.exitCode = 1;
  }
}

/** The licence of each package that has a file in the bundle, with its name and version. */
function licences(inputs) {
  const folders = inputs.flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const place = new URL(`${folder}/`, here);
      const { name, version, license } = JSON.parse(
        readFileSync(new URL("package.json", place), "utf8"),
      );
      const file = readdirSync(place).find((one) => /^licen[cs]e/i.test(one));
      if (file === undefined) throw new Error(`${name} has no licence file`);
      const text = readFileSync(new URL(file, place), "utf8").replaceAll("\r\n", "\n").trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(72)}\n\n`);
}
