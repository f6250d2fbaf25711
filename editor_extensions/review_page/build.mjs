// Builds the one page: script, style and worker inlined, with places for nonce, policy and data
// that signoff_collector/page/bundle.py fills. It is committed with the licences of what is in it,
// so that nobody needs Node to use it; `--check` builds afresh and fails when they differ.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = new URL("./", import.meta.url);
const there = new URL("../../collector/signoff_collector/page/", here);
const isCheck = process.argv.includes("--check");
const inputs = new Set();
/** What the grammars take from the page's own script instead of holding it twice. */
const SHARED = {
  "@codemirror/language": "signoffParts.language",
  "@codemirror/state": "signoffParts.state",
  "@codemirror/view": "signoffParts.view",
  "@lezer/common": "signoffParts.common",
  "@lezer/highlight": "signoffParts.highlight",
};

// In the order in which they stand: the first script starts the reader while the rest is parsed.
const reader = await bundled("src/episode/worker.ts");
const start = await bundled("src/start.ts");
const grammars = await bundled("src/player/grammars.ts", "signoffGrammars", SHARED);
const page = await bundled("src/main.tsx");
const template = readFileSync(new URL("page.html", here), "utf8");
const html = template
  .replace("/*@STYLE@*/", () => page.style.trim())
  .replace("/*@READER@*/", () => reader.script.trim())
  .replace("/*@START@*/", () => start.script.trim())
  .replace("/*@GRAMMARS@*/", () => grammars.script.trim())
  .replace("/*@SCRIPT@*/", () => page.script.trim())
  .replace(/^\s*@DATA@\s*$/m, () => "@DATA@");

/** The script and style of one entry, as two strings. */
async function bundled(entry, name = "signoff", shared = {}) {
  const { output } = (
    await build({
      configFile: false,
      root: fileURLToPath(here),
      logLevel: "warn",
      plugins: [inputsSeen()],
      esbuild: {
        jsx: "automatic",
        jsxImportSource: "preact",
        charset: "ascii",
        legalComments: "none",
      },
      build: {
        write: false,
        target: "es2022",
        minify: "esbuild",
        cssCodeSplit: false,
        modulePreload: false,
        lib: { entry, formats: ["iife"], name, fileName: "page" },
        rollupOptions: { external: Object.keys(shared), output: { globals: shared } },
      },
      define: { "process.env.NODE_ENV": '"production"' },
    })
  )[0];
  const script = output.filter((one) => one.type === "chunk");
  const style = output.filter((one) => one.type === "asset" && one.fileName.endsWith(".css"));
  if (script.length !== 1 || style.length > 1) throw new Error("the build is not one script");
  const made = { script: harmless(script[0].code), style: style[0]?.source ?? "" };
  for (const text of [made.script, made.style]) {
    const fault = /<\/(?:script|style)|<!--|<script|[^\t\n -~]/i.exec(text);
    if (fault) throw new Error(`the bundle holds ${JSON.stringify(fault[0])} at ${fault.index}`);
  }
  return made;
}

/** The script without what would end or change it within HTML, and without control characters. All
 *  of that stands in strings and patterns, where an escape means the same; minified code puts a
 *  space between `<` and `!--`. */
function harmless(script) {
  return script.replace(
    /(\\*)(<(?=!--|script|\/script|\/style)|[^\t\n -~])/gi,
    (_, before, char) => {
      if (before.length % 2) throw new Error("a character is escaped where it must be replaced");
      return `${before}\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
    },
  );
}

function inputsSeen() {
  return {
    name: "inputs-seen",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of Object.keys(chunk.modules ?? {})) inputs.add(id);
      }
    },
  };
}

/** The licence of each package that has a file in the bundle, with its name and version. */
function licences() {
  const folders = [...inputs].flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const place = new URL(`file://${folder}/`);
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

mkdirSync(there, { recursive: true });
for (const [name, text] of Object.entries({
  "page.html": html,
  "third_party_licences.txt": licences(),
})) {
  const file = new URL(name, there);
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    console.error(`error: ${name} is not what the sources build`);
    console.error("hint: npm run build, then commit it");
    process.exitCode = 1;
  }
}
