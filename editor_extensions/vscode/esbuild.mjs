// Builds dist/extension.js. The bundle is committed, so that nobody needs Node to install it;
// `--check` builds afresh and fails when the committed one differs.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const OUTFILE = "dist/extension.js";
const isCheck = process.argv.includes("--check");

const result = await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["src/extension.ts"],
  outfile: OUTFILE,
  bundle: true,
  minify: true,
  legalComments: "inline",
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  charset: "ascii",
  logLevel: "warning",
  write: !isCheck,
});

if (isCheck) {
  const built = result.outputFiles[0].contents;
  const committed = readFileSync(new URL(OUTFILE, import.meta.url));
  if (Buffer.compare(Buffer.from(built), committed) !== 0) {
    console.error(`error: ${OUTFILE} is not what the sources build`);
    console.error("hint: npm run build, then commit it");
    process.exitCode = 1;
  }
}
