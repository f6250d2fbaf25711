/** Chapters and red tests by step, and the speed by length. */
import { expect, it } from "vitest";
import { nextSpeed, speedFor, SPEEDS } from "../src/player/speeds";
import { chapterAt, chapterWords, nextChapter, redAt, type Chapter } from "../src/storyline";

const ASTRAL = "\u{1f642}\u{10348}";

function chapter(kind: Chapter["kind"], from: number, to: number, outcome: string | null): Chapter {
  const title = `${kind} ${from} ${ASTRAL}`;
  return { kind, title, seq_first: from, seq_last: to, t_ms: from * 1000, outcome };
}

const STORY = {
  version: 1,
  chapters: [
    chapter("task", 0, 9, "solved"),
    chapter("red_green", 2, 5, "green"),
    chapter("git", 8, 8, null),
    chapter("task", 10, 12, null),
  ],
  red: [
    { seq_first: 2, seq_last: 3, count: 4, tests: [{ name: "a", says: "b" }] },
    { seq_first: 4, seq_last: 4, count: 1, tests: [{ name: "a", says: "" }] },
  ],
} as const;

it("a step lies in the chapter that began last of those that hold it", () => {
  const found = Array.from({ length: 14 }, (_, seq) => chapterAt(STORY, seq));
  expect(found).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 2, 0, 3, 3, 3, -1]);
  expect(chapterAt(STORY, -1)).toBe(-1);
});

it("chapters are gone through one by one, forth and back", () => {
  const firsts: number[] = [];
  for (let at = -1; ; ) {
    const next = nextChapter(STORY, at, 1);
    if (next === null) break;
    firsts.push((at = next.seq_first));
  }
  expect(firsts).toEqual([0, 2, 8, 10]);
  expect(nextChapter(STORY, 10, -1)?.seq_first).toBe(8);
  expect(nextChapter(STORY, 0, -1)).toBeNull();
});

it("a task is told as one, with how it ended", () => {
  const [first, second, , last] = STORY.chapters;
  expect(chapterWords(first)).toBe(`task: task 0 ${ASTRAL} — solved`);
  expect(chapterWords(second)).toBe(`red_green 2 ${ASTRAL}`);
  expect(chapterWords(last)).toBe(`task: task 10 ${ASTRAL}`);
});

it("tests are red from the run in which they fail to the one in which they pass", () => {
  const counts = [0, 1, 2, 3, 4, 5].map((seq) => redAt(STORY, seq)?.count ?? 0);
  expect(counts).toEqual([0, 0, 4, 4, 1, 0]);
});

it("the speed follows from the length, and has an end at both sides", () => {
  const speeds = [0, 10, 60, 480, 1800, 3600, 7200, 90_000].map(speedFor);
  expect(speeds).toEqual([1, 1, 4, 4, 16, 32, 64, 256]);
  expect(nextSpeed(1, 1)).toBe(2);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
  expect(nextSpeed(SPEEDS.at(-1) ?? 0, 1)).toBe(256);
});
