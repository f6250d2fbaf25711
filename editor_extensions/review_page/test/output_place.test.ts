/** A place in a field of a step is found in the long texts that Output shows, at its line. */
import { expect, it } from "vitest";
import { LinesOf } from "../src/episode/lines";
import { linear } from "../src/episode/linear";
import { outputPlace } from "../src/episode/output_place";
import type { LongText } from "../src/episode/steps";

const ASTRAL = "\u{1f642}\u{10348}";

function long(field: string, text: string): LongText {
  return { field, title: "", of: "", characters: text.length, gap: "", text };
}

function placeIn(texts: LongText[], field: string, context: string, start: number, length: number) {
  const lines = texts.map(({ text }) => new LinesOf(text));
  const place = outputPlace(texts, lines, { field, context, start, length });
  return place === null ? null : { ...place, shown: lines[place.part]?.slice(place.line, 1)[0] };
}

it("the line of a field's text, by what stands around the place", () => {
  const filler = `${ASTRAL} line\n`.repeat(40_000);
  const text = `${filler}here the name ${ASTRAL} is\n${filler}not here: the name\n`;
  const texts = [long("/output/tail", "the name\n"), long("/output/head", text)];
  const found = placeIn(texts, "/output/head", `here the name ${ASTRAL} is`, 9, 4);
  expect(found).toEqual({
    part: 1,
    line: 40_000,
    hit: "name",
    shown: `here the name ${ASTRAL} is`,
  });
});

it("without what stood around it the value itself is looked for, in other texts too", () => {
  const texts = [long("/cases/0/message", "E  wrong"), long("/cases", "passed a\nfailed b::name")];
  expect(placeIn(texts, "/cases/1/id", "b::name", 0, 7)?.shown).toBe("failed b::name");
  expect(placeIn(texts, "/cases/0/message", "as masked: wrong", 11, 5)?.part).toBe(0);
  expect(placeIn(texts, "/cases/0/message", "gone", 0, 4)).toMatchObject({ part: 0, line: 0 });
  expect(placeIn(texts, "/branch", "branch", 0, 6)).toBeNull();
});

it("a place of any text lies on the line that shows it", () => {
  const text = `a\n\n\n\n\n\u202eb${ASTRAL}\n${"x".repeat(5000)}needle${"y".repeat(5000)}\nlast`;
  const lines = new LinesOf(text);
  for (const word of ["a", "b", "needle", "last"]) {
    const line = lines.lineAt(text.indexOf(word));
    expect(lines.slice(line, 1)[0]).toContain(linear(word[0] ?? ""));
  }
  expect(lines.lineAt(text.length)).toBe(lines.count - 1);
});
