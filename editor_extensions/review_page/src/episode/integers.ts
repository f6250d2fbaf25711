/** Whole numbers in columns (format.md, section 4). */

export const MAX_NUMBER = Number.MAX_SAFE_INTEGER;
const FINE_SYMBOLS = 192;

/** Values of LEB128 bytes. Throws an Error when one does not end or has more than 53 bits. */
export function fromLeb(content: Uint8Array): Float64Array {
  let count = 0;
  for (const byte of content) if (byte < 128) count++;
  if (content.length > 0 && (content[content.length - 1] ?? 128) >= 128) {
    throw new Error("the last number does not end");
  }
  const values = new Float64Array(count);
  let value = 0;
  let weight = 1;
  let place = 0;
  for (const byte of content) {
    value += (byte & 127) * weight;
    if (value > MAX_NUMBER) throw new Error("a number has more than 53 bits");
    if (byte < 128) {
      values[place++] = value;
      value = 0;
      weight = 1;
    } else {
      weight *= 128;
      if (weight >= 2 ** 63) throw new Error("a number has more than 53 bits");
    }
  }
  return values;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** The sum of values that are not negative; throws an Error when it leaves what is exact. */
export function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  if (sum > MAX_NUMBER) throw new Error("numbers add up to more than a reader can hold");
  return sum;
}

/** Bits of a column, highest first. */
export class Bits {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): number {
    if (this.at + count > this.bytes.length * 8) throw new Error("column bits is too short");
    let value = 0;
    let left = count;
    while (left > 0) {
      const byte = this.bytes[this.at >> 3] ?? 0;
      const free = 8 - (this.at & 7);
      const taken = Math.min(free, left);
      value = value * 2 ** taken + ((byte >> (free - taken)) & ((1 << taken) - 1));
      this.at += taken;
      left -= taken;
    }
    return value;
  }

  /** Throws an Error unless only the filling zeros of the last byte are left. */
  end(): void {
    const left = this.bytes.length * 8 - this.at;
    if (left >= 8 || (left > 0 && this.take(left) !== 0))
      throw new Error("column bits is too long");
  }
}

/** Values of split numbers: a symbol each, and what is left of them in `bits`. */
export function joinSplit(symbols: Uint8Array, grain: number, bits: Bits): Float64Array {
  const values = new Float64Array(symbols.length);
  const groups = FINE_SYMBOLS >> grain;
  for (let n = 0; n < symbols.length; n++) {
    const symbol = symbols[n] ?? 0;
    const isFine = symbol < FINE_SYMBOLS;
    const width = isFine ? symbol >> grain : symbol - FINE_SYMBOLS + grain + groups;
    if (width + grain > 60) throw new Error("a number has more than 53 bits");
    const top = isFine ? (symbol & ((1 << grain) - 1)) + (1 << grain) : 1;
    const value = top * 2 ** width + (width > 0 ? bits.take(width) : 0) - 2 ** grain;
    if (value > MAX_NUMBER) throw new Error("a number has more than 53 bits");
    values[n] = value;
  }
  return values;
}

/** `count` values from runs of equal neighbours; a single run leaves its length out. */
export function fromRuns(values: Float64Array, lengths: Float64Array, count: number): Float64Array {
  const made = new Float64Array(count);
  if (values.length === 1 && lengths.length === 0) return made.fill(values[0] ?? 0);
  if (values.length !== lengths.length || total(lengths) !== count) {
    throw new Error(`runs do not add up to ${count} values`);
  }
  let at = 0;
  for (let n = 0; n < values.length; n++) {
    const end = at + (lengths[n] ?? 0);
    made.fill(values[n] ?? 0, at, end);
    at = end;
  }
  return made;
}
