import { expect, test } from "vitest";
import type { Plan } from "../../src/schemas/plan";
import {
  cutRange,
  dropKeep,
  endKeep,
  joinKeep,
  keepSpans,
  keepsOf,
  merged,
  nameKeep,
  noteAt,
  splitKeep,
  tick,
  tickKind,
  uncutRange,
} from "../../src/review/plan_edits";

const EMPTY: Plan = { base_sha256: "0".repeat(64) };
const ASTRAL = "\u{1f642}\u{10348}";
const span = (from_seq: number, to_seq: number) => ({ from_seq, to_seq });

test("nothing is kept at first", () => {
  expect(keepsOf(EMPTY)).toEqual([]);
});

test("a kept task names its steps and nothing that was not said", () => {
  expect(keepsOf(keepSpans(EMPTY, [span(3, 9)]))).toEqual([span(3, 9)]);
});

test("spans that touch are one range, others stay apart", () => {
  expect(merged([span(10, 12), span(1, 4), span(5, 6)])).toEqual([span(1, 6), span(10, 12)]);
  const plan = keepSpans(EMPTY, [span(10, 12), span(1, 4)]);
  expect(keepsOf(plan)).toEqual([{ ranges: [span(1, 4), span(10, 12)] }]);
});

test("splitting gives two tasks and the first one keeps the name", () => {
  const named = nameKeep(keepSpans(EMPTY, [span(0, 20)]), 0, `  parse ${ASTRAL} `);
  const plan = splitKeep(named, 0, 8);
  expect(keepsOf(plan)).toEqual([{ ...span(0, 7), title: `parse ${ASTRAL}` }, span(8, 20)]);
});

test("a split at the first step changes nothing", () => {
  const plan = keepSpans(EMPTY, [span(4, 20)]);
  expect(splitKeep(plan, 0, 4)).toBe(plan);
});

test("a split in a hole between two ranges falls between them", () => {
  const plan = splitKeep(keepSpans(EMPTY, [span(0, 3), span(8, 9)]), 0, 6);
  expect(keepsOf(plan)).toEqual([span(0, 3), span(8, 9)]);
});

test("joining undoes a split", () => {
  const plan = keepSpans(EMPTY, [span(0, 20)]);
  const joined = joinKeep(splitKeep(plan, 0, 8), 0, [span(8, 20)], [1]);
  expect(joined).toEqual({ ...plan, keeps: [span(0, 20)] });
});

test("a note stands at one step once, in order, and blank words take it away", () => {
  const one = noteAt(noteAt(EMPTY, 9, `  second ${ASTRAL} `), 4, "first");
  expect(one.notes).toEqual([
    { after_seq: 4, text: "first" },
    { after_seq: 9, text: `second ${ASTRAL}` },
  ]);
  expect(noteAt(one, 4, "other").notes?.map((note) => note.text)).toEqual([
    "other",
    `second ${ASTRAL}`,
  ]);
  expect(noteAt(one, 9, " ").notes?.map((note) => note.after_seq)).toEqual([4]);
});

test("what changes no note is no change of the plan", () => {
  const one = noteAt(EMPTY, 9, "same");
  expect(noteAt(one, 9, " same ")).toBe(one);
  expect(noteAt(EMPTY, 9, "")).toBe(EMPTY);
});

test("an emptied name is no name", () => {
  const plan = nameKeep(nameKeep(keepSpans(EMPTY, [span(0, 1)]), 0, "a"), 0, "  ");
  expect(keepsOf(plan)).toEqual([{ ...span(0, 1), title: null }]);
});

test("a task that is dropped leaves the others alone", () => {
  const two = endKeep(keepSpans(keepSpans(EMPTY, [span(0, 1)]), [span(2, 3)]), 1, "solved");
  expect(keepsOf(dropKeep(two, 0))).toEqual([{ ...span(2, 3), outcome: "solved" }]);
});

test("a cut can be taken back", () => {
  const cut = cutRange(cutRange(EMPTY, span(4, 5)), span(9, 9));
  expect(uncutRange(cut, span(4, 5)).cut_ranges).toEqual([span(9, 9)]);
});

test("ticking twice is ticking once, and unticking leaves nothing", () => {
  const on = tick(
    tick(tick(EMPTY, "cut_files", 7, true), "cut_files", 2, true),
    "cut_files",
    7,
    true,
  );
  expect(on.cut_files).toEqual([2, 7]);
  expect(tick(tick(on, "cut_files", 2, false), "cut_files", 7, false).cut_files).toEqual([]);
  expect(tickKind(tickKind(EMPTY, "view", true), "view", false).cut_kinds).toEqual([]);
});
