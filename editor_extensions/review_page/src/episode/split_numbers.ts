/** Numbers about rows of edits, and times (format.md, sections 4, 5.2 and 5.5). */
import { Bits, joinSplit } from "./integers";

export const GRAINED = [
  "typed",
  "erased",
  "jumps",
  "removed",
  "inserted",
  "within",
  "between",
] as const;
export type Grained = (typeof GRAINED)[number];
export type Numbers = Record<Grained, Float64Array>;
/** Kinds of rows. */
export const TYPED = 0;
export const ERASED = 1;
export const CUT = 2;
export const PUT = 3;
export const TAKEN = 4;
export const REPLACED = 5;
/** The latest time: 2^62 ns. */
export const MAX_MS = Math.floor(2 ** 62 / 1e6);

export function readNumbers(
  streams: ReadonlyMap<string, Uint8Array>,
  grains: readonly number[],
  kinds: Uint8Array,
  count: number,
): Numbers {
  const wanted = wantedNumbers(kinds, streams.get("places"), count);
  const bits = new Bits(streams.get("bits") ?? new Uint8Array());
  const made: Partial<Numbers> = {};
  GRAINED.forEach((name, place) => {
    const symbols = streams.get(name);
    if (symbols !== undefined) {
      made[name] = joinSplit(symbols, grains[place] ?? 1, bits);
      return;
    }
    if (name === "within" || name === "between") return; // as many as rows say, later
    made[name] = new Float64Array(wanted[name]);
  });
  bits.end();
  return made as Numbers;
}

/** How many values the kinds want of each column that tells of rows. */
function wantedNumbers(
  kinds: Uint8Array,
  places: Uint8Array | undefined,
  _count: number,
): Record<Exclude<Grained, "within" | "between">, number> {
  const wanted = { typed: 0, erased: 0, jumps: 0, removed: 0, inserted: 0 };
  for (const symbol of kinds) {
    const kind = symbol >> 2;
    if (kind === TYPED) wanted.typed++;
    else if (kind === ERASED || kind === CUT) wanted.erased++;
    if (kind === TAKEN || kind === REPLACED) wanted.removed++;
    if (kind === PUT || kind === REPLACED) wanted.inserted++;
    if (symbol & 1) wanted.jumps++;
  }
  if (places !== undefined) wanted.jumps = places.filter((place) => place === 0).length;
  return wanted;
}

export function readTimes(numbers: Numbers, begins: Uint8Array, unitMs: number): Float64Array {
  const tMs = new Float64Array(begins.length);
  const { within, between } = numbers as Partial<Numbers>;
  let w = 0;
  let b = 0;
  let now = 0;
  for (let n = 0; n < begins.length; n++) {
    const step = begins[n] === 1 ? timeStep(between, b++) : timeStep(within, w++);
    now += step * unitMs;
    tMs[n] = now;
  }
  if (now > MAX_MS) throw new Error("a time lies more than 146 years after the start");
  if (
    (within !== undefined && w !== within.length) ||
    (between !== undefined && b !== between.length)
  ) {
    throw new Error("columns within and between do not fit the rows");
  }
  return tMs;
}

function timeStep(column: Float64Array | undefined, place: number): number {
  if (column === undefined) return 0;
  const step = column[place];
  if (step === undefined) throw new Error("columns within and between do not fit the rows");
  return step;
}
