/** The page's reader finds what the program's does: every moment, every step. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Opened } from "../src/episode/opened";
import { stringOf } from "../src/episode/points";
import type { Row, Value } from "../src/episode/types";
import { GOLDEN, toldOf } from "./support/python";

const made = mkdtempSync(join(tmpdir(), "signoff-page-"));

/** Every file at a moment, as the program's own tree has it. */
function treeOf(opened: Opened, seq: number): Record<string, unknown> {
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

/** The step's fields as JSON has them; the file leaves out defaults. */
function jsonOf(row: Row): Record<string, Value> {
  return { seq: row.seq, t_ns: row.tMs * 1e6, ...row.fields };
}

describe.each([GOLDEN, made])("episodes in %s", (folder) => {
  it("are read to the states and steps that the program finds", () => {
    const told = toldOf(folder);
    expect(told.length).toBeGreaterThan(2);
    for (const { name, trees, steps } of told) {
      const opened = new Opened(readFileSync(join(folder, name)));
      expect(opened.content.faults, name).toEqual([]);
      expect(opened.moments.faults, name).toEqual([]);
      for (const [seq, tree] of Object.entries(trees)) {
        expect(treeOf(opened, Number(seq)), `${name} at ${seq}`).toEqual(tree);
      }
      for (const step of steps) {
        const row = jsonOf(opened.row(Number(step["seq"])));
        if (step["kind"] === "edit") expect(row, name).toEqual(step);
        else expect(step, name).toMatchObject(row);
      }
    }
  });
});
