/** The step at the moment tells its fields in words: no name nor number of the file's own. */
import { expect, it } from "vitest";
import type { Row, ValueMap } from "../src/episode/types";
import { fieldsOf } from "../src/player/field_words";

const ASTRAL = "\u{1f642}\u{10348}";

function row(kind: string, fields: ValueMap): Row {
  return { seq: 4, tMs: 0, kind, fields };
}

it("an edit says where it is, what it takes out and puts in, and who did it", () => {
  const fields = { kind: "edit", state: 0, task: 0, buffer: 3, start: 18, deleted: 0 };
  const actor = { class: "typed", basis: "observed", evidence: ["key"] };
  expect(fieldsOf(row("edit", { ...fields, text: ASTRAL, actor }))).toEqual([
    ["at character", "18"],
    ["taken out", "0"],
    ["text", ASTRAL],
    ["by", "typed, observed: key"],
  ]);
});

it("a test run says its command as it is typed, and no number of a state", () => {
  const fields = { task: 0, state_before: 3, state_after: 3, run_id: "run-1", cases: [], env: 0 };
  const told = { argv: ["pytest", "-q"], exit_code: 1, duration_ns: 1_200_000_000 };
  expect(fieldsOf(row("tests", { ...fields, ...told }))).toEqual([
    ["command", "pytest -q"],
    ["exit code", "1"],
    ["took", "1 s"],
  ]);
});

it("a field that nobody knows yet is told by its name", () => {
  expect(fieldsOf(row("later", { new_field: true }))).toEqual([["new field", "yes"]]);
});
