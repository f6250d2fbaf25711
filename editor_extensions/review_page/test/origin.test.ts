import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originOf, timeOfDay } from "../src/origin";
import type { EpisodeHeader } from "../src/schemas/header";

const table = JSON.parse(
  readFileSync(new URL("fixtures/origins.json", import.meta.url), "utf8"),
) as {
  zone: string;
  origins: { header: EpisodeHeader; folder: string | null; words: string }[];
};
const before = process.env.TZ;

beforeAll(() => {
  process.env.TZ = table.zone;
});
afterAll(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

describe("which project, and when", () => {
  it.each(table.origins)("says $words as the terminal does", ({ header, folder, words }) => {
    const { project, when } = originOf(header, folder);
    expect(`${project} · ${when}`).toBe(words);
  });

  it("shows what nobody has checked as marks, and takes what is no text for nothing", () => {
    const header = { workspace: "a\u202e\nb", started_wall_ns: "1" } as unknown as EpisodeHeader;
    expect(originOf(header, null)).toEqual({ project: "a<U+202E>␊b", when: "no date in it" });
    expect(originOf({}, null)).toEqual({ project: "", when: "no date in it" });
  });

  it("tells the time of day of a moment only where the episode holds it", () => {
    const [known, , coarse] = table.origins.map(({ header }) => header);
    expect(timeOfDay(known ?? {}, 61_000)).toBe("16:52:41");
    expect(timeOfDay(coarse ?? {}, 61_000)).toBe("");
  });
});
