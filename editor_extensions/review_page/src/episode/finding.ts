/** How a query is found in one text, and what of it is shown. */
import { linear } from "./linear";
import { type Points } from "./points";
import type { Hit, SearchQuery } from "./types";

export const AROUND = 60;

/** Finds a query in a string from a place on; null where it is not. */
export type Finder = (text: string, from: number) => readonly [at: number, length: number] | null;

/** For each code unit of a string, which character it belongs to. */
export function placesIn(text: string): Uint32Array {
  const places = new Uint32Array(text.length);
  let place = 0;
  for (let unit = 0; unit < text.length; place++) {
    const length = (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    places.fill(place, unit, unit + length);
    unit += length;
  }
  return places;
}

export function finderOf(query: SearchQuery): Finder {
  const source = query.isPattern ? query.text : query.text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const pattern = new RegExp(source, query.matchCase ? "gmu" : "gimu");
  if (query.matchCase && !query.isPattern) {
    return (text, from) => {
      const at = text.indexOf(query.text, from);
      return at < 0 ? null : [at, query.text.length];
    };
  }
  return (text, from) => {
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    return found === null ? null : [found.index, found[0].length];
  };
}

/** The line around a place, in three parts. */
export function around(
  text: string,
  [at, length]: readonly [number, number],
): Pick<Hit, "before" | "found" | "behind"> {
  return {
    before: oneLine(text.slice(Math.max(at - AROUND, 0), at), "end"),
    found: linear(text.slice(at, at + Math.min(length, 400))),
    behind: oneLine(text.slice(at + length, at + length + AROUND), "start"),
  };
}

/** The part of a text on the line of its end or start, linearised. */
export function oneLine(text: string, side: "start" | "end"): string {
  const lines = text.split("\n");
  return linear((side === "end" ? lines.at(-1) : lines[0]) ?? "");
}

/** Lower case, character by character; one that would become several stays as it is. */
export function foldedPoints(points: Points): Points {
  const made = points.slice();
  for (let at = 0; at < made.length; at++) {
    const point = made[at] ?? 0;
    if (point < 128) {
      if (point > 64 && point < 91) made[at] = point + 32;
      continue;
    }
    const lower = String.fromCodePoint(point).toLowerCase();
    const folded = lower.codePointAt(0) ?? point;
    if (
      lower.length === String.fromCodePoint(folded).length &&
      folded < 2 ** (8 * made.BYTES_PER_ELEMENT)
    ) {
      made[at] = folded;
    }
  }
  return made;
}
