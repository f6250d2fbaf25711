// Says what the page's reader finds in an episode of one file: moments.mjs EPISODE. Standard input
// is a JSON list of steps; the answer holds the SHA-256 of the text after each.
// Started by benchmarks/exact_moments.py.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "signoff-moments-"));
const bundle = join(folder, "reader.mjs");
try {
  buildSync({
    stdin: {
      contents: `export { Opened } from "./src/episode/opened";
        export { stringOf } from "./src/episode/points";`,
      resolveDir: fileURLToPath(new URL("./", import.meta.url)),
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    outfile: bundle,
  });
  const { Opened, stringOf } = await import(pathToFileURL(bundle));
  const { content, moments } = new Opened(Uint8Array.from(readFileSync(process.argv[2])));
  const faults = [...content.faults, ...moments.faults];
  if (faults.length > 0) throw new Error(faults.join("; "));
  const found = {};
  for (const seq of JSON.parse(readFileSync(0, "utf8"))) {
    const { state } = moments.fileAt(content.files[0], seq);
    found[seq] = createHash("sha256").update(stringOf(state.points), "utf8").digest("hex");
  }
  console.log(JSON.stringify(found));
} finally {
  rmSync(folder, { recursive: true });
}
