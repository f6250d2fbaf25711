import { expect, test } from "vitest";
import type { Mark, Summary } from "../../src/episode/types";
import type { Overview, TestsRow } from "../../src/review/contract";
import {
  authorsOf,
  baseSteps,
  checkWords,
  gapWords,
  headline,
  isGreen,
  testsLine,
  unseenOf,
  verdictPill,
} from "../../src/review/overview_words";

const OVERVIEW: Overview = {
  title: "count \u{1f642}\u{10348}",
  outcome: null,
  steps: 12,
  edits: 3,
  duration_ns: 90e9,
  kinds: {},
  sizes: { shared_bytes: 1234, base_steps: 40 },
  files: [{ file: 0, path: "a.py", edits: 3, chars: 9 }],
  authors: [],
  tests: [],
  commands: [],
  git: [],
  gaps: [],
  masks: [],
  observability: [
    { what: "edits", level: "full" },
    { what: "key_granularity", level: "partial" },
    { what: "search", level: "none" },
  ],
  check: { checkpoints: 0, matched: 0, resyncs: 0, blind_spans: 0 },
  entered: [],
  paused: [],
  looked_at: [],
  overlay: [],
  deleted: [],
  licences: [],
  quality: [],
  environment: { is_whole: false },
  day: null,
  base_tree: null,
};

const RUN: TestsRow = {
  seq: 1,
  t_ns: 0,
  framework: "pytest",
  passed: 3,
  failed: 0,
  errors: 0,
  skipped: 0,
  exit_code: 0,
  runnable: null,
  services: [],
};

test("the headline says what there is and leaves out what there is not", () => {
  const seen = { file: 1, path: "\u{1f642}\u{10348}.py", edits: 0, chars: 9 };
  const overview = { ...OVERVIEW, files: [...OVERVIEW.files, seen] };
  expect(headline(overview)).toBe("2 min · 3 edits in 1 file · 1.2 KB");
  expect(headline({ ...OVERVIEW, edits: 0, files: [seen] })).toBe("2 min · no edits · 1.2 KB");
});

test("authors are summed over how they are known, the most first", () => {
  const row = { edits: 1, surviving: 1 };
  const authors = authorsOf([
    { ...row, class: "unknown", basis: "none", written: 1 },
    { ...row, class: "typed", basis: "observed", written: 6 },
    { ...row, class: "typed", basis: "inferred", written: 3 },
    { ...row, class: "git", basis: "none", written: 0, surviving: 0 },
  ]);
  expect(authors.map(({ name, written, share }) => [name, written, share])).toEqual([
    ["typed", 9, "90 %"],
    ["unknown", 1, "10 %"],
  ]);
  expect(authorsOf([])).toEqual([]);
});

test("what was there before comes last and takes no share from those who wrote", () => {
  const row = { basis: "none", edits: 1, surviving: 1 };
  const authors = authorsOf([
    { ...row, class: "preexisting", written: 9000 },
    { ...row, class: "typed", written: 3 },
    { ...row, class: "pasted", written: 1 },
  ]);
  expect(authors.map(({ name, share, fraction }) => [name, share, fraction])).toEqual([
    ["typed", "75 %", 0.75],
    ["pasted", "25 %", 0.25],
    ["preexisting", "", 0],
  ]);
});

test("a run is green only when nothing failed and it ended well", () => {
  expect(isGreen(RUN)).toBe(true);
  expect(isGreen({ ...RUN, exit_code: null })).toBe(true);
  expect(isGreen({ ...RUN, exit_code: 1 })).toBe(false);
  expect(isGreen({ ...RUN, errors: 1 })).toBe(false);
});

test("a run that collected nothing is neither green nor red", () => {
  const nothing = { ...RUN, framework: "pytest", passed: 0, exit_code: 5 };
  expect(isGreen(nothing)).toBe(null);
  expect(verdictPill(nothing)).toEqual(["pill", "no result"]);
});

test("a run that can not be run again says so, one that nobody knows of does not", () => {
  expect(testsLine({ ...RUN, failed: 1 })).toBe("3 passed and 1 failed");
  expect(testsLine({ ...RUN, runnable: false })).toBe("3 passed; cannot be run again from this");
  expect(testsLine({ ...RUN, services: ["redis"] })).toBe("3 passed; beside it ran redis");
  expect(testsLine({ ...RUN, passed: 0 })).toBe("no results");
});

test("what no source saw is told apart from what was seen in part", () => {
  expect(unseenOf(OVERVIEW)).toEqual({ none: ["searches"], partial: ["key granularity"] });
});

test("how far the replay was compared is never said better than it is", () => {
  expect(checkWords(OVERVIEW.check)).toBe("There was no save to compare the replay with.");
  expect(checkWords({ checkpoints: 3, matched: 2, resyncs: 1, blind_spans: 0 })).toBe(
    "2 of 3 checkpoints matched the replay; 1 place had to be corrected.",
  );
});

test("ways and gaps that we do not know are told as they are", () => {
  expect(gapWords("withheld")).toBe("not told");
  expect(gapWords("strange")).toBe("strange");
});

test("steps are cut by the base's numbers, and by none where they do not agree", () => {
  const mark = (seq: number, kind: string): Mark => ({
    seq,
    tMs: seq,
    kind,
    lane: null,
    file: -1,
    label: "",
    good: null,
    fromMs: seq,
    toMs: seq,
  });
  const marks = [mark(1, "command"), mark(4, "command"), mark(5, "git"), mark(20, "command")];
  const base = { marks } as unknown as Summary;
  const spans = [{ from_seq: 0, to_seq: 9 }];
  const plan = { base_sha256: "" };
  expect(baseSteps(base, spans, plan, "command", 2)).toEqual([1, 4]);
  expect(baseSteps(base, spans, plan, "command", 1)).toBe(null);
  const cut = { ...plan, cut_ranges: [{ from_seq: 4, to_seq: 4 }] };
  expect(baseSteps(base, spans, cut, "command", 1)).toEqual([1]);
});
