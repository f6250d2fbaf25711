/** Strict MessagePack: one value, no extension types, no key twice, text in UTF-8. */
import type { Value, ValueMap } from "./types";

export const MAX_VALUES = 1 << 21;
const MAX_DEPTH = 512;
/** A power of two. */
const KNOWN_TEXTS = 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The one value that `content` holds. Throws an Error when it holds anything else. */
export function unpack(content: Uint8Array): Value {
  const reader = new Reader(content);
  const value = reader.value(0);
  if (reader.at !== content.length) throw new Error("bytes lie behind the value");
  return value;
}

class Reader {
  at = 0;
  private count = 0;
  private readonly view: DataView;
  private readonly content: Uint8Array;
  private readonly known: (string | undefined)[] = new Array<string | undefined>(KNOWN_TEXTS);

  constructor(content: Uint8Array) {
    this.content = content;
    this.view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  }

  value(depth: number): Value {
    if (++this.count > MAX_VALUES) throw new Error(`it holds more than ${MAX_VALUES} values`);
    const first = this.byte();
    if (first < 0x80) return first;
    if (first >= 0xe0) return first - 256;
    if (first >= 0xa0 && first < 0xc0) return this.text(first & 31);
    if (first < 0x90) return this.map(first & 15, depth);
    if (first < 0xa0) return this.array(first & 15, depth);
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.bytes(this.unsigned(1 << (first - 0xc4))).slice();
      case 0xca:
        return this.view.getFloat32(this.step(4));
      case 0xcb:
        return this.view.getFloat64(this.step(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.unsigned(1 << (first - 0xcc));
      case 0xcf:
        return Number(this.view.getBigUint64(this.step(8)));
      case 0xd0:
        return this.view.getInt8(this.step(1));
      case 0xd1:
        return this.view.getInt16(this.step(2));
      case 0xd2:
        return this.view.getInt32(this.step(4));
      case 0xd3:
        return Number(this.view.getBigInt64(this.step(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.unsigned(1 << (first - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.array(this.unsigned(first === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.map(this.unsigned(first === 0xde ? 2 : 4), depth);
      default:
        throw new Error("an extension type is not allowed");
    }
  }

  private byte(): number {
    const byte = this.content[this.at];
    if (byte === undefined) throw new Error("the value does not end");
    this.at++;
    return byte;
  }

  /** Go over some bytes; returns where they began. */
  private step(length: number): number {
    const from = this.at;
    if (from + length > this.content.length) throw new Error("the value does not end");
    this.at = from + length;
    return from;
  }

  private unsigned(length: number): number {
    const from = this.step(length);
    if (length === 1) return this.view.getUint8(from);
    return length === 2 ? this.view.getUint16(from) : this.view.getUint32(from);
  }

  private bytes(length: number): Uint8Array {
    const from = this.step(length);
    return this.content.subarray(from, from + length);
  }

  private text(length: number): string {
    const from = this.step(length);
    const { content } = this;
    if (length >= 24) return utf8.decode(content.subarray(from, from + length));
    // Names of fields and short words come again and again: looked up, they need not be made.
    let hash = length;
    for (let at = from; at < from + length; at++)
      hash = (Math.imul(hash, 31) + (content[at] ?? 0)) | 0;
    const slot = hash & (KNOWN_TEXTS - 1);
    const known = this.known[slot];
    if (known !== undefined && isSame(known, content, from, length)) return known;
    const made = utf8.decode(content.subarray(from, from + length));
    this.known[slot] = made;
    return made;
  }

  private array(length: number, depth: number): Value[] {
    this.checkRoom(length, depth);
    const made: Value[] = [];
    for (let n = 0; n < length; n++) made.push(this.value(depth + 1));
    return made;
  }

  private map(length: number, depth: number): ValueMap {
    this.checkRoom(length, depth);
    const made: Record<string, Value> = {};
    for (let n = 0; n < length; n++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") throw new Error("a key of a map is no text");
      if (Object.hasOwn(made, key)) throw new Error("a map holds the same key twice");
      const value = this.value(depth + 1);
      if (key === "__proto__") {
        Object.defineProperty(made, key, { value, enumerable: true });
      } else {
        made[key] = value;
      }
    }
    return made;
  }

  private checkRoom(length: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw new Error("values are nested too deeply");
    if (length > this.content.length - this.at) throw new Error("the value does not end");
  }
}

/** Whether some bytes are the ASCII letters of a text; a text beyond ASCII is never the same. */
function isSame(text: string, content: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = 0; at < length; at++) {
    const byte = content[from + at] ?? 0;
    if (byte > 127 || text.charCodeAt(at) !== byte) return false;
  }
  return true;
}

/** The value of a name, undefined where there is none. */
export function field(map: ValueMap, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

/** A field's text, or `otherwise` where it is none. */
export function textOf(map: ValueMap, name: string, otherwise = ""): string {
  const value = field(map, name);
  return typeof value === "string" ? value : otherwise;
}

/** A field's whole number, or `otherwise` where it is none. */
export function numberOf(map: ValueMap, name: string, otherwise = 0): number {
  const value = field(map, name);
  return typeof value === "number" && Number.isSafeInteger(value) ? value : otherwise;
}

/** A field's ordinal, or null where it is none. */
export function ordinalOf(map: ValueMap, name: string): number | null {
  const value = field(map, name);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** A field's maps, in order; anything else in it is passed over. */
export function mapsOf(map: ValueMap, name: string): ValueMap[] {
  const value = field(map, name);
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** A field's texts, in order; anything else in it is passed over. */
export function textsOf(map: ValueMap, name: string): string[] {
  const value = field(map, name);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
