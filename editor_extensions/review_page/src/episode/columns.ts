/** Edits from columns (format.md, section 5). */
import { bufferOrder, firsts, readRows, replayCursor, struckEdits } from "./edit_rows";
import { field } from "./message_pack";
import { decodePoints, roomFor, type Points } from "./points";
import { SLOW, checkedSlow, readSlow, undoPrediction, type Slow } from "./slow_columns";
import { GRAINED, readNumbers, readTimes } from "./split_numbers";
import type { ValueMap } from "./types";

/** The streams of a chunk besides its shape. */
export const STREAMS = ["kinds", "places", ...GRAINED, "bits", "text"] as const;
const UNITS_MS = [1000, 100, 10, 1];
export const MAX_EDITS = 1 << 22;
const MAX_CHUNK_EDITS = 1 << 20;

/** All edits in order of time; text offsets count code points. */
export interface Edits {
  readonly count: number;
  readonly seq: Uint32Array;
  readonly tMs: Float64Array;
  readonly start: Uint32Array;
  readonly deleted: Uint32Array;
  readonly inserted: Uint32Array;
  /** Where each edit's text begins in `text`; one entry more than edits. */
  readonly textStarts: Uint32Array;
  readonly text: Points;
  /** The slow columns as values: -1 stands for none. */
  readonly slow: Readonly<Record<Slow, Float64Array>>;
}

/** Read one chunk. `seq` holds the numbers that its edits take; `limits` says for slow columns
 *  which value is the first too large one. Throws an Error when the columns contradict each other. */
export function decodeChunk(
  shape: ValueMap,
  ownStreams: ReadonlyMap<string, Uint8Array>,
  seq: Uint32Array,
  limits: Readonly<Partial<Record<string, number>>>,
): Edits {
  const { count, unitMs, grains, slow } = checkedShape(shape);
  const streams = withSmall(shape, ownStreams);
  if (seq.length !== count) {
    throw new Error(`the shape says ${count} edits, the steps leave room for ${seq.length}`);
  }
  const stored = readSlow(slow, count, limits);
  const order = bufferOrder(stored.file, stored.buffer);
  const isFirst = firsts(order, stored.file, stored.buffer);
  const kinds = streams.get("kinds") ?? new Uint8Array();
  const numbers = readNumbers(streams, grains, kinds, count);
  const rows = readRows(kinds, numbers, streams.get("places"), isFirst, count);
  const placed = replayCursor(rows, order, isFirst, count);
  const begins = new Uint8Array(count);
  for (const first of rows.first) begins[order[first] ?? 0] = 1;
  const struck = struckEdits(rows, order, isFirst);
  const text = placeStruck(
    decodePoints(streams.get("text") ?? new Uint8Array()),
    placed.inserted,
    struck,
  );
  return {
    count,
    seq,
    tMs: readTimes(numbers, begins, unitMs),
    ...placed,
    textStarts: text.starts,
    text: text.points,
    slow: undoPrediction(stored, slow, placed, rows, order, isFirst),
  };
}

function checkedShape(shape: ValueMap): {
  count: number;
  unitMs: number;
  grains: number[];
  slow: ValueMap;
} {
  const count = field(shape, "edits");
  if (
    typeof count !== "number" ||
    !Number.isInteger(count) ||
    count < 0 ||
    count > MAX_CHUNK_EDITS
  ) {
    throw new Error("the shape says no possible number of edits");
  }
  const grains = field(shape, "grains") ?? GRAINED.map(() => 1);
  if (
    !Array.isArray(grains) ||
    grains.length !== GRAINED.length ||
    !grains.every((one) => typeof one === "number" && [1, 2, 3, 4, 5, 6].includes(one))
  ) {
    throw new Error("the shape holds no possible grains");
  }
  const unit = field(shape, "unit_ns") ?? 1e9;
  const unitMs = typeof unit === "number" ? unit / 1e6 : 0;
  if (!UNITS_MS.includes(unitMs)) throw new Error("the shape holds no possible unit of time");
  const slow = checkedSlow(field(shape, "slow") ?? {});
  return { count, unitMs, grains: grains as number[], slow };
}

/** All streams of a chunk: small ones stand in the shape itself. */
function withSmall(
  shape: ValueMap,
  own: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Uint8Array> {
  const sizes = field(shape, "sizes");
  const data = field(shape, "data");
  if (sizes === undefined && data === undefined) return own;
  if (!Array.isArray(sizes) || sizes.length !== STREAMS.length || !(data instanceof Uint8Array)) {
    throw new Error("the shape holds no possible sizes of columns");
  }
  const all = new Map(own);
  let at = 0;
  STREAMS.forEach((name, place) => {
    const size = sizes[place];
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
      throw new Error("the shape holds no possible sizes of columns");
    }
    if (size === 0) return;
    if (all.has(name)) throw new Error(`column ${name} is there twice`);
    all.set(name, data.subarray(at, at + size));
    at += size;
  });
  if (at !== data.length) throw new Error("the columns in the shape do not fill its data");
  return all;
}

/** All inserted text in order of time, from the order in which it is stored. */
function placeStruck(
  stored: Points,
  inserted: Uint32Array,
  struck: Uint8Array,
): { points: Points; starts: Uint32Array } {
  const starts = new Uint32Array(inserted.length + 1);
  let length = 0;
  let lost = 0;
  for (let n = 0; n < inserted.length; n++) {
    length += inserted[n] ?? 0;
    if (length > stored.length) break;
    starts[n + 1] = length;
    lost += struck[n] ?? 0;
  }
  if (length !== stored.length) {
    throw new Error(`the text has ${stored.length} characters, the edits need ${length} or more`);
  }
  if (lost === 0) return { points: stored, starts };
  const points = roomFor(length, stored);
  let clean = 0;
  let dirty = length - lost;
  for (let n = 0; n < inserted.length; n++) {
    const from = starts[n] ?? 0;
    const to = starts[n + 1] ?? 0;
    if (struck[n] === 1) {
      points[from] = stored[dirty++] ?? 0;
    } else {
      for (let at = from; at < to; at++) points[at] = stored[clean++] ?? 0;
    }
  }
  return { points, starts };
}

/** Chunks put together, one after the other. */
export function joinChunks(chunks: readonly Edits[]): Edits {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const count = chunks.reduce((sum, one) => sum + one.count, 0);
  const length = chunks.reduce((sum, one) => sum + one.text.length, 0);
  const numbers = <T extends Uint32Array | Float64Array>(made: T, of: (one: Edits) => T): T => {
    let at = 0;
    for (const chunk of chunks) {
      made.set(of(chunk) as never, at);
      at += chunk.count;
    }
    return made;
  };
  const text = roomFor(length, ...chunks.map((one) => one.text));
  const textStarts = new Uint32Array(count + 1);
  let at = 0;
  let edit = 0;
  for (const chunk of chunks) {
    text.set(chunk.text, at);
    for (let n = 0; n < chunk.count; n++) textStarts[++edit] = at + (chunk.textStarts[n + 1] ?? 0);
    at += chunk.text.length;
  }
  const slow = Object.fromEntries(
    SLOW.map((name) => [name, numbers(new Float64Array(count), (one) => one.slow[name])]),
  );
  return {
    count,
    seq: numbers(new Uint32Array(count), (one) => one.seq),
    tMs: numbers(new Float64Array(count), (one) => one.tMs),
    start: numbers(new Uint32Array(count), (one) => one.start),
    deleted: numbers(new Uint32Array(count), (one) => one.deleted),
    inserted: numbers(new Uint32Array(count), (one) => one.inserted),
    textStarts,
    text,
    slow: slow as Record<Slow, Float64Array>,
  };
}
