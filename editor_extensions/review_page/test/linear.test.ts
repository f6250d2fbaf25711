import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { linear, linearise, linearPath, recordedPlace, shownPlace } from "../src/episode/linear";

const table = JSON.parse(
  readFileSync(new URL("fixtures/linear.json", import.meta.url), "utf8"),
) as { texts: [string, string][]; paths: [string, string][] };

describe("recorded text made linear", () => {
  it.each(table.texts.map(([text, shown], n) => ({ n, text, shown })))(
    "shows text $n as the terminal does",
    ({ text, shown }) => {
      expect(linear(text)).toBe(shown);
    },
  );

  it.each(table.paths.map(([path, shown], n) => ({ n, path, shown })))(
    "shows path $n as the terminal does",
    ({ path, shown }) => {
      expect(linearPath(path)).toBe(shown);
    },
  );

  it.each(table.texts.map(([text], n) => ({ n, text })))(
    "finds the place of each character of text $n again",
    ({ text }) => {
      const shown = linearise(text);
      const stretches = new Set<number>();
      for (let n = 0; n < shown.stops.length; n += 2) {
        const [from, to] = [shown.stops[n]?.[0] ?? 0, shown.stops[n + 1]?.[0] ?? 0];
        for (let at = from; at < to; at++) stretches.add(at);
      }
      for (let at = 0; at < text.length; at++) {
        if (stretches.has(at)) continue;
        const place = shownPlace(shown, at);
        expect(shown.text[place]).toBe(text[at]);
        expect(recordedPlace(shown, place)).toBe(at);
      }
      expect(shownPlace(shown, text.length)).toBe(shown.text.length);
    },
  );
});
