// What became of tasks, in words.
import { expect, test } from "vitest";
import { leavingWords } from "../../src/review/leaving_words";
import { standingWords } from "../../src/review/standing_words";
import { localDate } from "../../src/review/words";

test("leaving says done only when all that is included is signed", () => {
  expect(leavingWords(["included"])).toContain("If you do not sign");
  expect(leavingWords([])).toContain("If you do not sign");
  expect(leavingWords(["withdrawn", "included"])).toContain("If you do not sign");
  expect(leavingWords(["signed", "included"])).toContain("1 of 2 included tasks");
  expect(leavingWords(["signed", "sent"])).toContain("What you included is signed");
});

test("a state names its stores, and a part of it that is elsewhere", () => {
  const standing = {
    spans: [],
    state: "sent",
    audiences: ["file:///a"],
    partly: "nothing",
  } as const;
  expect(standingWords(standing)).toEqual(["Sent to file:///a."]);
  expect(
    standingWords({ ...standing, state: "included", audiences: [], partly: "signed" }),
  ).toEqual(["A file that holds a part of it is signed."]);
});

test("a permission ends on a day", () => {
  expect(localDate("2027-11-23T12:00:00Z")).toBe("23 November 2027");
});
