/** What the program's own reader finds, to be compared with. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Opened } from "../../src/episode/opened";
import { stringOf } from "../../src/episode/points";

export const GOLDEN = fileURLToPath(
  new URL("../../../../tests/golden/version_1/", import.meta.url),
);
export const python = fileURLToPath(new URL("../../../../.venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("states.py", import.meta.url));

export interface Told {
  readonly name: string;
  /** By `seq`, then by path: a text, or bytes in base64. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, string | [string]>>>>;
  /** Path, the step that took it away, why, the text, and how many it is, in order. */
  readonly deleted: readonly (readonly [string, number, string, string, number])[];
  /** All files by number. */
  readonly paths: readonly string[];
  /** Steps that a review lists as outputs. */
  readonly outputs: readonly number[];
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

/** Ask the program about all episodes of a folder; it makes some where there are none. */
export function toldOf(folder: string): Told[] {
  if (!existsSync(python)) throw new Error(`no ${python}: run make dev`);
  const said = execFileSync(python, ["-I", script, folder], { maxBuffer: 1 << 28 });
  return said
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

/** Every file at a moment, as the program's own tree has it. */
export function treeOf(opened: Opened, seq: number): Record<string, unknown> {
  const found: [string, unknown][] = [];
  for (const path of opened.moments.paths()) {
    const file = opened.moments.fileAt(path, seq);
    const bytes = opened.moments.blobAt(path, seq);
    if (file.state !== null) found.push([path, stringOf(file.state.points)]);
    else if (file.absence === "binary" && bytes !== null) {
      found.push([path, [Buffer.from(bytes).toString("base64")]]);
    }
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
