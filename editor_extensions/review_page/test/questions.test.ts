/** What the page asks of an opened episode. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LinesOf } from "../src/episode/lines";
import { lineCounts } from "../src/episode/line_differences";
import { linear } from "../src/episode/linear";
import { Opened } from "../src/episode/opened";
import { decodePoints, pointsOf, stringOf } from "../src/episode/points";
import { frameChecksum } from "../src/episode/checksums";
import { GOLDEN } from "./support/python";

const ASTRAL = "\u{1f642}\u{10348}";
const opened = new Opened(Uint8Array.from(readFileSync(join(GOLDEN, "every_kind.episode"))));
const plain = { matchCase: true, isPattern: false };

describe("search", () => {
  it("finds what stood in a file for one step only, and says what took it away", () => {
    // `b = 3`: the 3 was erased right after it was typed.
    const { hits } = opened.search({ text: "b = 3", ...plain });
    expect(hits.map(({ where, seq, goneSeq }) => ({ where, seq, goneSeq }))).toEqual([
      { where: "deleted", seq: 6, goneSeq: 7 },
    ]);
  });

  it("finds what is alive at the end once", () => {
    const { hits } = opened.search({ text: "b = 2", ...plain });
    expect(hits.filter((hit) => hit.where === "text").map((hit) => hit.seq)).toContain(8);
  });

  it("finds text of steps, names, and characters beyond the basic plane", () => {
    const kinds = (text: string): string[] =>
      opened.search({ text, ...plain }).hits.map((hit) => `${hit.where} ${hit.kind} ${hit.field}`);
    expect(kinds(ASTRAL)).toContain("step task /text");
    expect(kinds("src/app.py")).toContain("name  ");
  });

  it("takes upper and lower case as one where asked, also in patterns", () => {
    expect(opened.search({ text: "B = 3", matchCase: false, isPattern: false }).count).toBe(1);
    expect(opened.search({ text: "B = 3", ...plain }).count).toBe(0);
    expect(
      opened.search({ text: "b = \\d", matchCase: true, isPattern: true }).count,
    ).toBeGreaterThan(0);
  });

  it("calls what a pattern finds deleted only where some of it is gone", () => {
    const where = (text: string): string[] =>
      opened.search({ text, matchCase: true, isPattern: true }).hits.map((hit) => hit.where);
    expect(where("^b =$|^b = ")).not.toContain("deleted");
    expect(where("^b = ")).toContain("text");
    expect(where("b = .*\\n3")).toContain("deleted");
  });
});

describe("a file at a moment", () => {
  const file = opened.content.files.indexOf("src/app.py");

  it("says what each actor brought and where the cursor is", () => {
    const state = opened.fileAt(file, 6);
    const born = state.born.map(({ from, to, actor }) => [state.text?.slice(from, to), actor]);
    expect(born).toEqual([["b = 3", "typed"]]);
    expect(state.text?.slice(0, state.cursor).endsWith("b = 3")).toBe(true);
    expect(state.isBuffer).toBe(true);
  });

  it("names a stretch of what is shown in code points, as plans do", () => {
    const state = opened.fileAt(file, 6);
    const at = state.text?.indexOf("b = 3") ?? -1;
    expect(opened.spanOf(file, 6, at, at + 5)).toEqual({
      span: { after_seq: 6, file, buffer: 1, start: 12, length: 5 },
      value: "b = 3",
    });
  });

  it("differs from another moment by lines", () => {
    expect(
      opened.changed(1, 8).map(({ file: one, added, removed }) => [one, added, removed]),
    ).toEqual([[file, 1, 0]]);
  });

  it("lists deleted text", () => {
    expect(opened.deleted().map((one) => one.text)).not.toContain("b = 2\n");
  });
});

describe("lines of an output", () => {
  it("are those of the whole text made linear, wherever it is cut into pieces", () => {
    const line = `caf\u00e9 ${ASTRAL} \u001b[31mred\u001b[0m `.repeat(3);
    const text = `${`${line}\n`.repeat(9000)}${"\n".repeat(5000)}end ${"x".repeat(5000)}\n`;
    const lines = new LinesOf(text);
    const whole = linear(text).split("\n");
    whole.pop();
    expect(lines.count).toBe(whole.length);
    expect(lines.slice(0, lines.count)).toEqual(whole);
    expect(lines.slice(8990, 20)).toEqual(whole.slice(8990, 9010));
  });

  it.each([
    ["a\nb", 2],
    ["a\n\n\nb\n", 4],
    ["a  \n\t\n \n\n b\n", 3],
    [`${ASTRAL}\n\n\n\n`, 2],
    [`${"\u200b".repeat(199)}\n${"\u{f0000}".repeat(100)}\n`, 2],
    ["\u200b".repeat(260), 2],
  ])("are counted as they are shown (%#)", (text, count) => {
    const whole = linear(text).split("\n");
    if (whole.at(-1) === "") whole.pop();
    expect(whole.length).toBe(count);
    expect(new LinesOf(text).count).toBe(count);
    expect(new LinesOf(text).slice(0, count + 1)).toEqual(whole);
  });

  it("are none for no text, and one without an ending", () => {
    expect(new LinesOf("").count).toBe(0);
    expect(new LinesOf("one").slice(0, 5)).toEqual(["one"]);
  });
});

it.each([
  ["", "", 0, 0],
  ["a\nb\n", "a\nb\n", 0, 0],
  ["a\nb\nc\n", "a\nc\n", 0, 1],
  ["", "a\nb", 2, 0],
  ["a\nb\nc\nd\n", "x\nb\ny\nd\nz\n", 3, 2],
])("lines of %j and %j differ by +%i -%i", (before, after, added, removed) => {
  expect(lineCounts(before, after)).toEqual({ added, removed });
});

it("texts become code points and texts again, half surrogates too", () => {
  for (const text of ["plain", "caf\u00e9", "\u20ac", ASTRAL, `half \ud83d of a pair`]) {
    expect(stringOf(pointsOf(text))).toBe(text);
  }
  expect([...decodePoints(Uint8Array.of(0xed, 0xa0, 0xbd))]).toEqual([0xd83d]);
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xe2, 0x82],
    [0xf4, 0x90, 0x80, 0x80],
    [0x61, 0x80],
  ]) {
    expect(() => decodePoints(Uint8Array.from(bytes))).toThrow();
  }
});

it("the checksum is XXH64's, for every length around its blocks", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, n) => n);
  expect(frameChecksum(new Uint8Array())).toBe(0x51d8e999);
  expect(
    new Set(bytes.map((_, n) => frameChecksum(bytes.subarray(0, n)) & 0xff)).size,
  ).toBeGreaterThan(30);
});
