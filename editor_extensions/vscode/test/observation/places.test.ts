import type { Selection, TextDocumentContentChangeEvent } from "vscode";
import { expect, test } from "vitest";
import { isAtCursors, isOfOneKey } from "../../src/observation/places";
import type { Range } from "../support/vscode";
import { at, cursor, EMOJI, range } from "./support";

function isAt(changes: [Range, string][], cursors: [number, number][]): boolean {
  const events = changes.map(([where, text]) => ({ range: where, text }));
  return isAtCursors(
    events as unknown as TextDocumentContentChangeEvent[],
    cursors.map(([line, character]) => cursor(line, character)) as unknown as Selection[],
  );
}

test.each(["a", "é", "e\u0301", "😀", "🧪", " ", "()", '""', "\n", "\n    ", "\n # ", "\n  \n"])(
  "one key can put in %j",
  (text) => {
    expect(isOfOneKey(text)).toBe(true);
  },
);

test.each(["", "ab", EMOJI, "a)", "x\n", "\nabcd", "    ", "(x)", "\n".padEnd(500, " ")])(
  "one key cannot put in %j",
  (text) => {
    expect(isOfOneKey(text)).toBe(false);
  },
);

test("a cursor stands behind its character", () => {
  expect(isAt([[at(3, 4), "😀"]], [[3, 6]])).toBe(true);
  expect(isAt([[at(3, 4), "a"]], [[3, 4]])).toBe(false);
  expect(isAt([[at(3, 4), "a"]], [[3, 6]])).toBe(false);
  expect(isAt([[at(3, 4), "a"]], [[2, 5]])).toBe(false);
});

test("a cursor stands between two halves, and in the line that Enter opened", () => {
  expect(isAt([[at(0, 0), "()"]], [[0, 1]])).toBe(true);
  expect(isAt([[at(0, 5), "\n    \n"]], [[1, 4]])).toBe(true);
});

test("several cursors on one line are moved by what stands before them", () => {
  const changes: [Range, string][] = [
    [range(0, 8, 0, 10), "x"],
    [range(0, 2, 0, 4), "x"],
  ];
  expect(isAt(changes, [[0, 3], [0, 8]])).toBe(true); // prettier-ignore
  expect(isAt(changes, [[0, 3], [0, 9]])).toBe(false); // prettier-ignore
});

test("line breaks at several cursors move the lines below", () => {
  const changes: [Range, string][] = [
    [at(4, 1), "\n"],
    [at(1, 1), "\n"],
  ];
  expect(isAt(changes, [[2, 0], [6, 0]])).toBe(true); // prettier-ignore
});

test("there is one cursor for every change", () => {
  expect(isAt([[at(0, 0), "a"]], [])).toBe(false);
  expect(isAt([[at(0, 0), "a"], [at(9, 0), "a"]], [[0, 1]])).toBe(false); // prettier-ignore
});
