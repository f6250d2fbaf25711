/** The page's reader finds what the program's does: every moment, every step. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deletedTexts } from "../src/episode/deleted";
import { Opened } from "../src/episode/opened";
import { namedPaths } from "../src/episode/reader";
import type { Row, Value } from "../src/episode/types";
import { GOLDEN, toldOf, treeOf, type Told } from "./support/python";

const made = mkdtempSync(join(tmpdir(), "signoff-page-"));

/** The step's fields as JSON has them; the file leaves out defaults, JSON what is null. */
function jsonOf(row: Row): Record<string, Value> {
  const told = Object.entries(row.fields).filter(([, value]) => value !== null);
  return { seq: row.seq, t_ns: row.tMs * 1e6, ...Object.fromEntries(told) };
}

/** All deleted texts as the program orders them. */
function deletedOf(opened: Opened): Told["deleted"] {
  const all = deletedTexts(opened.moments, namedPaths(opened.content));
  const rows = all.map((one) => [one.path, one.goneSeq, one.why, one.whole, one.count] as const);
  return rows.sort(
    (a, b) => compared(a[0], b[0]) || a[1] - b[1] || compared(a[2], b[2]) || compared(a[3], b[3]),
  );
}

/** By code points, as the program does: UTF-8 keeps their order. */
function compared(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

describe.each([GOLDEN, made])("episodes in %s", (folder) => {
  it("are read to the states and steps that the program finds", async () => {
    const told = toldOf(folder);
    expect(told.length).toBeGreaterThan(2);
    for (const { name, trees, steps, deleted, paths, outputs } of told) {
      const opened = new Opened(readFileSync(join(folder, name)));
      expect(opened.content.faults, name).toEqual([]);
      expect(opened.moments.faults, name).toEqual([]);
      for (const [seq, tree] of Object.entries(trees)) {
        expect(treeOf(opened, Number(seq)), `${name} at ${seq}`).toEqual(tree);
      }
      expect(deletedOf(opened), name).toEqual(deleted);
      expect(namedPaths(opened.content), name).toEqual(paths);
      expect(
        (await opened.summary()).outputs.map(({ seq }) => seq),
        name,
      ).toEqual(outputs);
      for (const step of steps) {
        const row = jsonOf(opened.row(Number(step["seq"])));
        if (step["kind"] === "edit") expect(row, name).toEqual(step);
        else expect(step, name).toMatchObject(row);
      }
    }
  });
});
