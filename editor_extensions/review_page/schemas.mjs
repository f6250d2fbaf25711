// Writes src/schemas/: TypeScript types of the published JSON Schemas, and the tables that page and
// terminal share; `--check` only compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { format } from "prettier";

const from = new URL("../../schemas/json/", import.meta.url);
const to = new URL("src/schemas/", import.meta.url);
const isCheck = process.argv.includes("--check");
mkdirSync(to, { recursive: true });

for (const [name, type] of [
  ["step", "Step"],
  ["header", "EpisodeHeader"],
  ["plan", "Plan"],
]) {
  const schema = JSON.parse(readFileSync(new URL(`${name}.schema.json`, from), "utf8"));
  const text = await compile(untitled(schema), type, {
    bannerComment: `// Generated from schemas/json/${name}.schema.json by \`npm run schemas\`.`,
    additionalProperties: false,
    style: { printWidth: 100 },
  });
  put(`${name}.ts`, text);
}
put("keys.ts", await tableOf("keys", "KEY_ROWS"));
put("speeds.ts", await tableOf("speeds", "SPEED_RULE"));
put("words.ts", await tableOf("words", "WORDS"));

function put(name, text) {
  const file = new URL(name, to);
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    console.error(`error: src/schemas/${name} is not what the schemas give`);
    console.error("hint: npm run schemas, then commit it");
    process.exitCode = 1;
  }
}

/** A table, as the module of its name in `signoff_schemas/` says it. */
async function tableOf(name, constant) {
  const held = readFileSync(new URL(`${name}.json`, from), "utf8");
  const text = `// Generated from schemas/json/${name}.json by \`npm run schemas\`.
    export const ${constant} = ${held.trim()} as const;`;
  return format(text, { parser: "typescript", printWidth: 100 });
}

/** The schema without titles and defaults of fields, which would become a type each. */
function untitled(value, isDefinitions = false) {
  if (Array.isArray(value)) return value.map((item) => untitled(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isDefinitions || (key !== "title" && key !== "default"))
      .map(([key, item]) => [key, untitled(item, key === "properties" || key === "$defs")]),
  );
}
