/** Edits from columns (format.md, section 5). */
import { MAX_NUMBER, Bits, fromLeb, fromRuns, joinSplit, total, unzigzag } from "./integers";
import { field, isMap } from "./message_pack";
import { decodePoints, roomFor, type Points } from "./points";
import type { ValueMap } from "./types";

const GRAINED = ["typed", "erased", "jumps", "removed", "inserted", "within", "between"] as const;
type Grained = (typeof GRAINED)[number];
type Numbers = Record<Grained, Float64Array>;
/** The streams of a chunk besides its shape. */
export const STREAMS = ["kinds", "places", ...GRAINED, "bits", "text"] as const;
const SLOW = [
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
type Slow = (typeof SLOW)[number];
/** What a slow column that is left out holds, where that is not 0. */
const DEFAULTS: Partial<Record<Slow, number>> = { task: -1, txn: 1 };
const UNITS_MS = [1000, 100, 10, 1];
export const MAX_EDITS = 1 << 22;
const MAX_CHUNK_EDITS = 1 << 20;
const MAX_OFFSET = 2 ** 40;
const PLACES = 31;
const TYPED = 0;
const ERASED = 1;
const CUT = 2;
const PUT = 3;
const TAKEN = 4;
const REPLACED = 5;

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

/** Rows of equal edits, in buffer order. */
interface Rows {
  readonly kind: Uint8Array;
  readonly joined: Uint8Array;
  readonly jumped: Uint8Array;
  readonly length: Float64Array;
  readonly removed: Float64Array;
  readonly inserted: Float64Array;
  readonly jump: Float64Array;
  /** Number of each row's first edit, in buffer order. */
  readonly first: Float64Array;
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
  const slow = field(shape, "slow") ?? {};
  if (!isMap(slow) || Object.keys(slow).some((name) => !SLOW.includes(name as Slow))) {
    throw new Error("the slow columns are not those of this version");
  }
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

/** The slow columns as they are stored; `txn` only as runs, since it has fewer values. */
function readSlow(
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
  }
  made.txn = new Float64Array();
  return made as Record<Slow, Float64Array>;
}

function runsOf(name: string, pair: unknown): { values: Float64Array; lengths: Float64Array } {
  const [coded, lengths] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
  if (!(coded instanceof Uint8Array) || !(lengths instanceof Uint8Array)) {
    throw new Error(`slow column ${name} is not two byte strings`);
  }
  return { values: fromLeb(coded).map(unzigzag), lengths: fromLeb(lengths) };
}

/** Numbers of edits buffer by buffer: sorted by file, then buffer, then time. */
function bufferOrder(file: Float64Array, buffer: Float64Array): Uint32Array {
  const order = Uint32Array.from(file, (_, n) => n);
  const isOne = file.every((one) => one === file[0]) && buffer.every((one) => one === buffer[0]);
  if (isOne) return order;
  return order.sort(
    (a, b) => (file[a] ?? 0) - (file[b] ?? 0) || (buffer[a] ?? 0) - (buffer[b] ?? 0) || a - b,
  );
}

function firsts(order: Uint32Array, file: Float64Array, buffer: Float64Array): Uint8Array {
  return Uint8Array.from(order, (edit, n) => {
    const before = order[n - 1];
    if (before === undefined) return 1;
    return file[edit] !== file[before] || buffer[edit] !== buffer[before] ? 1 : 0;
  });
}

function readNumbers(
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

function readRows(
  kinds: Uint8Array,
  numbers: Numbers,
  places: Uint8Array | undefined,
  isFirst: Uint8Array,
  count: number,
): Rows {
  for (const name of ["jumps", "removed", "inserted"] as const) {
    if (total(numbers[name]) > MAX_OFFSET) throw new Error("an edit lies beyond any text");
  }
  const size = kinds.length;
  const rows = {
    kind: new Uint8Array(size),
    joined: new Uint8Array(size),
    jumped: new Uint8Array(size),
    length: new Float64Array(size).fill(1),
    removed: new Float64Array(size),
    inserted: new Float64Array(size),
    jump: new Float64Array(size),
    first: new Float64Array(size),
  };
  const take = taker(numbers);
  let first = 0;
  for (let row = 0; row < size; row++) {
    const symbol = kinds[row] ?? 0;
    const kind = symbol >> 2;
    if (kind > REPLACED) throw new Error("column kinds holds an unknown kind");
    const length = kind === TYPED ? take("typed") + 1 : kind <= CUT ? take("erased") + 1 : 1;
    rows.kind[row] = kind;
    rows.joined[row] = (symbol >> 1) & 1;
    rows.jumped[row] = symbol & 1;
    rows.length[row] = length;
    rows.removed[row] =
      kind === ERASED || kind === CUT
        ? length
        : kind === TAKEN || kind === REPLACED
          ? take("removed")
          : 0;
    rows.inserted[row] =
      kind === TYPED ? length : kind === PUT || kind === REPLACED ? take("inserted") : 0;
    rows.first[row] = first;
    first += length;
    if (first > count) break;
  }
  if (first !== count) throw new Error(`the runs do not add up to ${count} edits`);
  readJumps(rows, numbers.jumps, places, isFirst);
  take.end(["typed", "erased", "removed", "inserted"]);
  return rows;
}

interface Taker {
  (name: Grained): number;
  end(names: readonly Grained[]): void;
}

/** Takes the numbers of columns one after the other; throws an Error when one has too few. */
function taker(numbers: Numbers): Taker {
  const at: Partial<Record<Grained, number>> = {};
  const take = (name: Grained): number => {
    const place = at[name] ?? 0;
    const value = numbers[name][place];
    if (value === undefined) throw new Error(`column ${name} holds too few numbers`);
    at[name] = place + 1;
    return value;
  };
  const end = (names: readonly Grained[]): void => {
    for (const name of names) {
      if ((at[name] ?? 0) !== numbers[name].length) {
        throw new Error(`column ${name} holds too many numbers`);
      }
    }
  };
  return Object.assign(take, { end });
}

/** Put the jumps into `rows` (format.md, section 5.3). */
function readJumps(
  rows: Rows,
  missed: Float64Array,
  places: Uint8Array | undefined,
  isFirst: Uint8Array,
): void {
  let nextMissed = 0;
  let nextPlace = 0;
  const plain = (): number => {
    const value = missed[nextMissed++];
    if (value === undefined) throw new Error("column jumps holds too few numbers");
    return unzigzag(value + 1);
  };
  let at = 0;
  let left: number[] = [];
  for (let row = 0; row < rows.kind.length; row++) {
    if (isFirst[rows.first[row] ?? 0] === 1) {
      at = 0;
      left = [];
    }
    if (rows.jumped[row] === 1) {
      if (places === undefined) {
        rows.jump[row] = plain();
        continue;
      }
      const number = places[nextPlace++];
      if (number === undefined || number > left.length) {
        throw new Error("column places names no place");
      }
      const target = number > 0 ? (left[left.length - number] ?? 0) : at + plain();
      if (number > 0) left.splice(left.length - number, 1);
      left.push(at);
      if (left.length > PLACES) left.shift();
      rows.jump[row] = target - at;
      at = target;
    }
    if (places === undefined) continue;
    const removed = rows.removed[row] ?? 0;
    const inserted = rows.inserted[row] ?? 0;
    const low = rows.kind[row] === CUT ? at : at - removed;
    const high = low + removed;
    const net = inserted - removed;
    for (let n = 0; n < left.length; n++) {
      const place = left[n] ?? 0;
      left[n] = place >= high ? place + net : Math.min(place, low);
    }
    at = low + inserted;
  }
  if (nextMissed !== missed.length) throw new Error("column jumps holds too many numbers");
  if (places !== undefined && nextPlace !== places.length) {
    throw new Error("column places does not fit the jumps");
  }
}

/** Start, deleted and inserted length of every edit, in order of time. */
function replayCursor(
  rows: Rows,
  order: Uint32Array,
  isFirst: Uint8Array,
  count: number,
): { start: Uint32Array; deleted: Uint32Array; inserted: Uint32Array } {
  const start = new Uint32Array(count);
  const deleted = new Uint32Array(count);
  const inserted = new Uint32Array(count);
  let cursor = 0;
  for (let row = 0; row < rows.kind.length; row++) {
    const kind = rows.kind[row] ?? 0;
    const first = rows.first[row] ?? 0;
    const length = rows.length[row] ?? 0;
    for (let n = 0; n < length; n++) {
      if (isFirst[first + n] === 1) {
        if (n > 0) throw new Error("a row reaches into another buffer");
        cursor = 0;
      }
      const edit = order[first + n] ?? 0;
      if (n === 0) cursor += rows.jump[row] ?? 0;
      const out = kind === ERASED || kind === CUT ? 1 : (rows.removed[row] ?? 0);
      const put = kind === TYPED ? 1 : (rows.inserted[row] ?? 0);
      const from = kind === CUT ? cursor : cursor - (kind === TYPED ? 0 : out);
      if (from < 0) throw new Error("an edit lies before the start of its text");
      if (from + put + out > 0xffffffff) throw new Error("an edit lies beyond any text");
      start[edit] = from;
      deleted[edit] = kind === TYPED ? 0 : out;
      inserted[edit] = put;
      cursor = from + put;
    }
  }
  return { start, deleted, inserted };
}

/** Which edits typed a character that the next row erases at once. */
function struckEdits(rows: Rows, order: Uint32Array, isFirst: Uint8Array): Uint8Array {
  const struck = new Uint8Array(order.length);
  for (let row = 1; row < rows.kind.length; row++) {
    const first = rows.first[row] ?? 0;
    const follows =
      rows.kind[row] === ERASED &&
      rows.jumped[row] === 0 &&
      rows.kind[row - 1] === TYPED &&
      isFirst[first] !== 1;
    if (!follows) continue;
    const lost = Math.min(rows.length[row] ?? 0, rows.length[row - 1] ?? 0);
    for (let n = 1; n <= lost; n++) struck[order[first - n] ?? 0] = 1;
  }
  return struck;
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

function readTimes(numbers: Numbers, begins: Uint8Array, unitMs: number): Float64Array {
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
  if (now > MAX_NUMBER) throw new Error("a time lies too far after the start");
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

/** The slow columns as values, not as differences. */
function undoPrediction(
  stored: Record<Slow, Float64Array>,
  slow: ValueMap,
  placed: { start: Uint32Array; inserted: Uint32Array },
  rows: Rows,
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
function readTransactions(slow: ValueMap, rows: Rows, order: Uint32Array): Float64Array {
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
