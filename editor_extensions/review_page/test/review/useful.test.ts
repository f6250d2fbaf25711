import { expect, test } from "vitest";
import { lessOf, OF_THE_RECORDING } from "../../src/review/useful";

const ROWS = [
  { measure: "replay", stands: "good", passed: true, says: "It agrees." },
  { measure: "tests", stands: "less", passed: false, says: "No test run \u{1f642}\u{10348}." },
  { measure: "copies", stands: "not here", passed: null, says: "Not looked at here." },
];

test("only what could tell more is said before signing, and not what nobody can tell", () => {
  expect(lessOf(ROWS)).toEqual(["No test run \u{1f642}\u{10348}."]);
});

test("where nothing could tell more, that is said", () => {
  expect(lessOf(ROWS.filter((row) => row.passed !== false))).toEqual([
    "Nothing that was looked at is missing.",
  ]);
  expect(OF_THE_RECORDING).toContain("not about you");
});
