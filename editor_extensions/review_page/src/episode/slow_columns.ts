/** Columns of edits that seldom change, as runs of what their prediction left (format.md, section
 *  5.6). */
import { MAX_NUMBER, fromLeb, fromRuns, unzigzag } from "./integers";
import { field, isMap } from "./message_pack";
import type { EditRows } from "./edit_rows";
import type { Value, ValueMap } from "./types";

export const SLOW = [
  "file",
  "buffer",
  "actor",
  "basis",
  "txn",
  "version",
  "cursor",
  "batch_ns",
  "task",
  "source",
  "evidence",
  "t_kind",
] as const;
export type Slow = (typeof SLOW)[number];
/** What a slow column that is left out holds, where that is not 0. */
const DEFAULTS: Partial<Record<Slow, number>> = { task: -1, txn: 1 };

/** The slow columns of a shape. Throws an Error when they are not those of this version, in order. */
export function checkedSlow(slow: Value): ValueMap {
  const names = isMap(slow) ? Object.keys(slow) : [];
  const known = SLOW.filter((name) => names.includes(name));
  if (!isMap(slow) || names.some((name, place) => name !== known[place])) {
    throw new Error("the slow columns are not those of this version");
  }
  return slow;
}

/** The slow columns as they are stored; `txn` only as runs, since it has fewer values. */
export function readSlow(
  slow: ValueMap,
  count: number,
  limits: Readonly<Partial<Record<string, number>>>,
): Record<Slow, Float64Array> {
  const made: Partial<Record<Slow, Float64Array>> = {};
  for (const name of SLOW) {
    if (name === "txn") continue;
    const pair = field(slow, name);
    if (pair === undefined) {
      made[name] = new Float64Array(count).fill(DEFAULTS[name] ?? 0);
      continue;
    }
    const { values, lengths } = runsOf(name, pair);
    const limit = limits[name];
    if (limit !== undefined && values.some((value) => value < 0 || value >= limit)) {
      throw new Error(`column ${name} names something that is not there`);
    }
    made[name] = fromRuns(values, lengths, count);
    if (name === "version") checkSums(name, made[name]);
  }
  made.txn = new Float64Array();
  return made as Record<Slow, Float64Array>;
}

/** See that no sum of differences leaves what a reader holds exactly. */
function checkSums(name: string, steps: Float64Array): void {
  let sum = 0;
  for (const step of steps) sum += Math.abs(step);
  if (sum > MAX_NUMBER) throw new Error(`column ${name} runs out of range`);
}

function runsOf(name: string, pair: unknown): { values: Float64Array; lengths: Float64Array } {
  const [coded, lengths] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
  if (!(coded instanceof Uint8Array) || !(lengths instanceof Uint8Array)) {
    throw new Error(`slow column ${name} is not two byte strings`);
  }
  return { values: fromLeb(coded).map(unzigzag), lengths: fromLeb(lengths) };
}

/** The slow columns as values, not as differences. */
export function undoPrediction(
  stored: Record<Slow, Float64Array>,
  slow: ValueMap,
  placed: { start: Uint32Array; inserted: Uint32Array },
  rows: EditRows,
  order: Uint32Array,
  isFirst: Uint8Array,
): Record<Slow, Float64Array> {
  const count = order.length;
  const version = new Float64Array(count).fill(-1);
  if (field(slow, "version") !== undefined) {
    let now = 0;
    for (let n = 0; n < count; n++) {
      const step = stored.version[n] ?? 0;
      now = isFirst[n] === 1 ? step : now + step;
      version[order[n] ?? 0] = now;
    }
  }
  const cursor = Float64Array.from(stored.cursor, (coded, n) => {
    if (coded < 0) throw new Error("column cursor holds a negative number");
    if (coded === 0) return -1;
    return (placed.start[n] ?? 0) + (placed.inserted[n] ?? 0) + unzigzag(coded - 1);
  });
  return { ...stored, version, cursor, txn: readTransactions(slow, rows, order) };
}

/** Numbers of user actions: a joined row's first edit shares that of the edit before it. */
function readTransactions(slow: ValueMap, rows: EditRows, order: Uint32Array): Float64Array {
  const count = order.length;
  const isJoined = new Uint8Array(count);
  for (let row = 0; row < rows.kind.length; row++) {
    if (rows.joined[row] === 1) isJoined[order[rows.first[row] ?? 0] ?? 0] = 1;
  }
  const own = count - isJoined.reduce((sum, one) => sum + one, 0);
  const pair = field(slow, "txn");
  const { values, lengths } =
    pair === undefined
      ? { values: Float64Array.of(1), lengths: new Float64Array() }
      : runsOf("txn", pair);
  const steps = fromRuns(values, lengths, own);
  checkSums("txn", steps);
  const txn = new Float64Array(count);
  let now = 0;
  let next = 0;
  for (let n = 0; n < count; n++) {
    if (isJoined[n] !== 1) now += steps[next++] ?? 0;
    else if (n === 0 || now < 0) throw new Error("an edit is joined to none");
    txn[n] = now;
  }
  return txn;
}
