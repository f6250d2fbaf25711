/** Rows of equal edits, told relative to a predicted cursor (format.md, sections 5.1 to 5.3). */
import { total, unzigzag } from "./integers";
import {
  CUT,
  ERASED,
  PUT,
  REPLACED,
  TAKEN,
  TYPED,
  type Grained,
  type Numbers,
} from "./split_numbers";

const MAX_OFFSET = 2 ** 40;
const PLACES = 31;

/** Rows of equal edits, in buffer order. */
export interface EditRows {
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

/** Numbers of edits buffer by buffer: sorted by file, then buffer, then time. */
export function bufferOrder(file: Float64Array, buffer: Float64Array): Uint32Array {
  const order = Uint32Array.from(file, (_, n) => n);
  const isOne = file.every((one) => one === file[0]) && buffer.every((one) => one === buffer[0]);
  if (isOne) return order;
  return order.sort(
    (a, b) => (file[a] ?? 0) - (file[b] ?? 0) || (buffer[a] ?? 0) - (buffer[b] ?? 0) || a - b,
  );
}

export function firsts(order: Uint32Array, file: Float64Array, buffer: Float64Array): Uint8Array {
  return Uint8Array.from(order, (edit, n) => {
    const before = order[n - 1];
    if (before === undefined) return 1;
    return file[edit] !== file[before] || buffer[edit] !== buffer[before] ? 1 : 0;
  });
}

export function readRows(
  kinds: Uint8Array,
  numbers: Numbers,
  places: Uint8Array | undefined,
  isFirst: Uint8Array,
  count: number,
): EditRows {
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
  rows: EditRows,
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
export function replayCursor(
  rows: EditRows,
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
export function struckEdits(rows: EditRows, order: Uint32Array, isFirst: Uint8Array): Uint8Array {
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
