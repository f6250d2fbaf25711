import { expect, test } from "vitest";
import { markPlace } from "../../src/review/mini_timeline";
import type { Mark, Summary } from "../../src/episode/types";
import type { Plan } from "../../src/schemas/plan";
import type { Proposal } from "../../src/review/contract";
import {
  AS_PROPOSED,
  factsLine,
  factsOf,
  joinAt,
  partAt,
  beginMs,
  partingMoments,
  rhythm,
  rowsOf,
  testsWords,
  without,
} from "../../src/review/day";
import { elapsed } from "../../src/review/words";

const ASTRAL = "\u{1f642}\u{10348}";
const EMPTY: Plan = { base_sha256: "0".repeat(64) };

function proposal(from_seq: number, to_seq: number, title: string): Proposal {
  return {
    from_seq,
    to_seq,
    task: null,
    title,
    why: ["commit"],
    outcome: null,
    edits: 0,
    files: 0,
    test_runs: 0,
    commits: 0,
    duration_ns: 0,
  };
}

const DAY = [proposal(0, 9, `fix ${ASTRAL}`), proposal(10, 19, "write"), proposal(20, 29, "tidy")];
const spansIn = (plan: Plan, parting = AS_PROPOSED) =>
  rowsOf(DAY, plan, parting).map((row) =>
    row.spans.map((span) => `${span.from_seq}-${span.to_seq}`).join("+"),
  );

function mark(seq: number, kind: string, more: Partial<Mark> = {}): Mark {
  return {
    seq,
    tMs: seq * 1000,
    kind,
    lane: null,
    file: -1,
    label: kind,
    good: null,
    fromMs: seq * 1000,
    toMs: seq * 1000,
    ...more,
  };
}

/** A session with edits every second but one pause, and some marks. */
function summaryOf(marks: readonly Mark[]): Summary {
  const seq = [2, 3, 4, 12, 13];
  const tMs = [2000, 3000, 4000, 400_000, 401_000];
  return {
    sha256: "",
    sizeBytes: 0,
    header: {} as Summary["header"],
    files: ["a", "b"],
    headerFiles: 2,
    steps: 30,
    durationMs: 401_000,
    edits: {
      count: 5,
      seq: Uint32Array.from(seq),
      tMs: Float64Array.from(tMs),
      file: Uint16Array.from([0, 0, 1, 1, 1]),
      buffer: new Uint32Array(5),
      actor: new Uint8Array(5),
      deleted: new Uint32Array(5),
      inserted: new Uint32Array(5),
    },
    marks,
    outputs: [],
    faults: [],
  };
}

test("the list is what was proposed, and none of it is kept", () => {
  const rows = rowsOf(DAY, EMPTY, AS_PROPOSED);
  expect(rows.map((row) => row.title)).toEqual([`fix ${ASTRAL}`, "write", "tidy"]);
  expect(rows.every((row) => row.keep === null)).toBe(true);
});

test("parting and joining what is not kept needs no plan", () => {
  const parted = partAt(AS_PROPOSED, 14);
  expect(spansIn(EMPTY, parted)).toEqual(["0-9", "10-13", "14-19", "20-29"]);
  expect(spansIn(EMPTY, joinAt(parted, 10))).toEqual(["0-13", "14-19", "20-29"]);
  expect(spansIn(EMPTY, joinAt(joinAt(AS_PROPOSED, 10), 20))).toEqual(["0-29"]);
  expect(spansIn(EMPTY, joinAt(parted, 14))).toEqual(["0-9", "10-19", "20-29"]);
});

test("the first step always begins a task", () => {
  expect(spansIn(EMPTY, joinAt(AS_PROPOSED, 0))).toEqual(["0-9", "10-19", "20-29"]);
});

test("what is kept is one row, and what is left of its neighbours stays", () => {
  const plan: Plan = { ...EMPTY, keeps: [{ from_seq: 12, to_seq: 22, title: "mine" }] };
  const rows = rowsOf(DAY, plan, AS_PROPOSED);
  expect(spansIn(plan)).toEqual(["0-9", "10-11", "12-22", "23-29"]);
  expect(rows.map((row) => row.keep)).toEqual([null, null, 0, null]);
  expect(rows[2]?.title).toBe("mine");
});

test("a keep of several ranges is one row over what lies between", () => {
  const ranges = [
    { from_seq: 2, to_seq: 4 },
    { from_seq: 20, to_seq: 24 },
  ] as const;
  const plan: Plan = { ...EMPTY, keeps: [{ ranges: [ranges[0], ranges[1]] }] };
  expect(spansIn(plan)).toEqual(["0-1", "2-4+20-24", "5-9", "10-19", "25-29"]);
  expect(rowsOf(DAY, plan, AS_PROPOSED)[1]?.title).toBe(`fix ${ASTRAL} and 1 more task`);
});

test("a keep by number is shown where its task was proposed", () => {
  const day = [proposal(0, 9, "a"), { ...proposal(10, 19, "b"), task: 4 }];
  const plan: Plan = { ...EMPTY, keeps: [{ task: 4 }] };
  expect(rowsOf(day, plan, AS_PROPOSED).map((row) => [row.title, row.keep])).toEqual([
    ["a", null],
    ["b", 0],
  ]);
});

test("a span without others is what lies around them", () => {
  const left = without({ from_seq: 0, to_seq: 9 }, [
    { from_seq: 3, to_seq: 4 },
    { from_seq: 8, to_seq: 20 },
  ]);
  expect(left).toEqual([
    { from_seq: 0, to_seq: 2 },
    { from_seq: 5, to_seq: 7 },
  ]);
});

test("facts are counted in the row's own steps", () => {
  const summary = summaryOf([
    mark(1, "tests", { good: false }),
    mark(5, "tests", { good: true }),
    mark(6, "git", { label: "commit: all" }),
    mark(14, "tests", { good: false }),
  ]);
  const facts = factsOf(summary, [{ from_seq: 0, to_seq: 9 }]);
  expect(facts).toMatchObject({ edits: 3, files: 2, commits: 1, tests: [false, true] });
  expect(factsLine(facts)).toBe("5 s · 3 edits in 2 files · tests red, then green · 1 commit");
  expect(factsOf(summary, []).edits).toBe(0);
});

test("test runs are told by how they turned", () => {
  expect(testsWords([])).toBe("");
  expect(testsWords([true, true])).toBe("tests green");
  expect(testsWords([false, false, true])).toBe("tests red, then green");
  expect(testsWords([true, false])).toBe("tests green, then red");
  expect(testsWords([true, false, true])).toBe("3 test runs, green at the end");
});

test("a task is parted at marks and after long idle, never before its first step", () => {
  const summary = summaryOf([mark(1, "tests"), mark(5, "git"), mark(6, "save")]);
  const seqs = (from_seq: number, to_seq: number) =>
    partingMoments(summary, [{ from_seq, to_seq }]).map((moment) => moment.seq);
  expect(seqs(0, 29)).toEqual([2, 6, 12]);
  expect(seqs(12, 29)).toEqual([]);
  expect(seqs(2, 11)).toEqual([6]);
});

test("times of a task are told from its beginning, where the overview of it does", () => {
  const summary = summaryOf([mark(1, "tests"), mark(5, "git"), mark(6, "save")]);
  const spans = [{ from_seq: 5, to_seq: 29 }];
  const zeroMs = beginMs(summary, spans);
  const [whole, own] = [0, zeroMs].map((zero) => partingMoments(summary, spans, zero)[0]?.words);
  expect(zeroMs).toBeGreaterThan(0);
  expect(whole).toBe(`${elapsed((summary.marks[1]?.tMs ?? 0) * 1e6)}  after git: git`);
  expect(own).toBe("0:00:00  after git: git");
});

test("the rhythm of a day is between nothing and one", () => {
  const bins = rhythm(summaryOf([]), 4);
  expect(bins[0]).toBe(1);
  expect(bins[1]).toBe(0);
  expect(bins[3]).toBeCloseTo(Math.sqrt(2 / 3));
});

test("a gap in the small timeline lies behind its step, other marks around their moment", () => {
  const at = (tMs: number): number => 4 + tMs / 100;
  expect(markPlace(mark(5, "gap", { toMs: 25_000 }), at)).toEqual({ x: 54, width: 200 });
  expect(markPlace(mark(5, "gap", { toMs: 9e9 }), at)).toEqual({ x: 54, width: 542 });
  expect(markPlace(mark(5, "git"), at)).toEqual({ x: 52, width: 4 });
});
