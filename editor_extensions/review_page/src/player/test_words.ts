/** What a test run came to, in words: which tests failed, and what each of them said. */
import { linear } from "../episode/linear";
import { mapsOf, textOf } from "../episode/message_pack";
import type { Row } from "../episode/types";

const MOST_TOLD = 5;
const MOST_LINES = 6;
const MOST_CHARACTERS = 160;

export interface BadTest {
  readonly name: string;
  /** A file of tests could not be loaded, so that none of it ran. */
  readonly isUnloaded: boolean;
  /** The lines that say what is wrong; linearised, few. */
  readonly says: readonly string[];
}

export interface BadTests {
  readonly told: readonly BadTest[];
  /** How many more there are. */
  readonly more: number;
}

/** The tests of a run that went wrong, failed ones before those that could not run. */
export function badTestsOf({ fields }: Row): BadTests {
  const cases = mapsOf(fields, "cases");
  const of = (outcome: string): typeof cases =>
    cases.filter((test) => textOf(test, "outcome") === outcome);
  const bad = [...of("failed"), ...of("error")];
  const told = bad.slice(0, MOST_TOLD).map((test) => {
    const name = textOf(test, "id");
    return {
      name: linear(name).replaceAll("\n", "\u240a"),
      isUnloaded: textOf(test, "outcome") === "error" && !name.includes("::"),
      says: tellingLines(textOf(test, "message")),
    };
  });
  return { told, more: bad.length - told.length };
}

/** Of pytest the lines marked E, of anything else the first ones that are not blank. */
function tellingLines(message: string): string[] {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  const marked = lines.filter((line) => line.startsWith("E  "));
  return (marked.length > 0 ? marked.map((line) => line.slice(1).trim()) : lines)
    .slice(0, MOST_LINES)
    .map((line) => linear(short(line)).replaceAll("\n", "\u240a"));
}

function short(line: string): string {
  const points = Array.from(line.slice(0, 2 * MOST_CHARACTERS + 2));
  return points.length <= MOST_CHARACTERS
    ? line
    : `${points.slice(0, MOST_CHARACTERS).join("")} \u2026`;
}
