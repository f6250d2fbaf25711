/** A run of tests in words: what failed by name and message, few of many. */
import { expect, it } from "vitest";
import { labelOf, markOf } from "../src/episode/steps";
import type { Row, Value } from "../src/episode/types";
import { badTestsOf } from "../src/player/test_words";

const ASTRAL = "\u{1f642}\u{10348}";

function run(cases: readonly Record<string, Value>[], exit_code: number): Row {
  return {
    seq: 0,
    tMs: 0,
    kind: "tests",
    fields: { framework: "pytest", cases: [...cases], exit_code },
  };
}

it("a failed test is told by its name and by the lines that say what is wrong", () => {
  const message = `def test_a():\n>  assert f()\nE   three ${ASTRAL}\u202e\nE     is four\n\nfile:3`;
  const row = run(
    [
      { id: "t.py::test_b", outcome: "passed" },
      { id: "t.py::test_a", outcome: "failed", message },
    ],
    1,
  );
  const says = [`three ${ASTRAL}<U+202E>`, "is four"];
  expect(badTestsOf(row)).toEqual({
    told: [{ name: "t.py::test_a", isUnloaded: false, says }],
    more: 0,
  });
  expect(labelOf(row)).toBe("pytest: 1 passed, 1 failed \u2192 exit 1");
});

it("files that could not be loaded are errors, not failed tests, and few of many are told", () => {
  const message = "no such module ".repeat(4000);
  const row = run(
    Array.from({ length: 130 }, (_, n) => ({ id: `test_${n}.py`, outcome: "error", message })),
    2,
  );
  const { told, more } = badTestsOf(row);
  expect([told.length, more]).toEqual([5, 125]);
  expect(told.every(({ isUnloaded, says }) => isUnloaded && says.join("").length < 200)).toBe(true);
  expect(labelOf(row)).toBe("pytest: 130 errors \u2192 exit 2");
});

it("each test of a run is counted once, by its outcome", () => {
  const outcomes = ["passed", "passed", "failed", "error", "skipped", "xfailed", "failed"];
  const row = run(
    outcomes.map((outcome, n) => ({ id: `t.py::test_${n}`, outcome })),
    1,
  );
  expect(labelOf(row)).toBe("pytest: 2 passed, 2 failed, 1 error, 2 other \u2192 exit 1");
});

it("what a person interrupted did not fail", () => {
  for (const end of [{ exit_code: 130 }, { signal: 2 }, { exit_code: 130, signal: 2 }]) {
    const row = { seq: 0, tMs: 0, kind: "command", fields: { line: `make ${ASTRAL}`, ...end } };
    expect(labelOf(row)).toBe(`make ${ASTRAL} \u2192 interrupted`);
    expect(markOf(row, () => -1, 0).good).toBeNull();
  }
  const failed = { seq: 0, tMs: 0, kind: "command", fields: { line: "make", exit_code: 2 } };
  expect(markOf(failed, () => -1, 0).good).toBe(false);
});
