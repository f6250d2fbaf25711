import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { greenByEnd } from "../src/episode/verdicts";

type Answer = readonly [framework: string, code: number | null, verdict: boolean | null];

const PLACE = new URL("fixtures/verdicts.json", import.meta.url);
const ANSWERS = JSON.parse(readFileSync(PLACE, "utf8")) as readonly Answer[];

test.each(ANSWERS)("%s that ended with %s says %s", (framework, code, verdict) => {
  expect(greenByEnd(framework, code)).toBe(verdict);
});
