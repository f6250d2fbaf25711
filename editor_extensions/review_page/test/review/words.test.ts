import { expect, test } from "vitest";
import { count, duration, elapsed, grouped, listed, share, size } from "../../src/review/words";

const S = 1_000_000_000;

test("none, one and many are told apart", () => {
  expect([0, 1, 2, 1234].map((number) => count(number, "file"))).toEqual([
    "no files",
    "1 file",
    "2 files",
    "1,234 files",
  ]);
  expect(count(2, "entry", "entries")).toBe("2 entries");
});

test("durations grow from seconds to hours", () => {
  expect([0, 59, 60, 2_100, 7_500].map((s) => duration(s * S))).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "35 min",
    "2 h 05 min",
  ]);
  expect(elapsed(7_384 * S)).toBe("2:03:04");
});

test("a share is never rounded to nothing or to all", () => {
  expect([share(0, 9), share(1, 1000), share(999, 1000), share(9, 9), share(1, 2)]).toEqual([
    "0 %",
    "1 %",
    "99 %",
    "100 %",
    "50 %",
  ]);
});

test("numbers and lists read like text", () => {
  expect(grouped(1234567)).toBe("1,234,567");
  expect(size(999)).toBe("999 bytes");
  expect(size(14_230)).toBe("14.2 KB");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
});
