/** Texts as arrays of code points, the unit of all offsets in an episode. */

/** One entry per code point; half a surrogate pair stands for itself. */
export type Points = Uint8Array | Uint16Array | Uint32Array;

const ascii = new TextDecoder("utf-8");
const CHUNK = 8192;

/** The code points of UTF-8 in which half surrogates may stand as three bytes (format.md, 3).
 *  Throws an Error when the bytes are no such text. */
export function decodePoints(bytes: Uint8Array): Points {
  const firstWide = bytes.findIndex((byte) => byte > 127);
  if (firstWide < 0) return bytes;
  const wide = new Uint32Array(bytes.length);
  let count = 0;
  let highest = 0;
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const size =
      first < 0x80
        ? 1
        : first < 0xc2
          ? 0
          : first < 0xe0
            ? 2
            : first < 0xf0
              ? 3
              : first < 0xf5
                ? 4
                : 0;
    if (size === 0 || at + size > bytes.length) throw new Error("bytes that are not text");
    let point = size === 1 ? first : first & (0xff >> (size + 1));
    for (let n = 1; n < size; n++) {
      const next = bytes[at + n] ?? 0;
      if ((next & 0xc0) !== 0x80) throw new Error("bytes that are not text");
      point = (point << 6) | (next & 63);
    }
    if ((size === 3 && point < 0x800) || (size === 4 && (point < 0x10000 || point > 0x10ffff))) {
      throw new Error("bytes that are not text");
    }
    wide[count++] = point;
    if (point > highest) highest = point;
    at += size;
  }
  return narrowed(wide.subarray(0, count), highest);
}

function narrowed(points: Uint32Array, highest: number): Points {
  if (highest < 256) return Uint8Array.from(points);
  return highest < 65536 ? Uint16Array.from(points) : points.slice();
}

/** An array of `length` entries as wide as the widest of some texts. */
export function roomFor(length: number, ...texts: readonly Points[]): Points {
  const width = Math.max(1, ...texts.map((text) => text.BYTES_PER_ELEMENT));
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

export function joined(a: Points, b: Points): Points {
  const made = roomFor(a.length + b.length, a, b);
  made.set(a);
  made.set(b, a.length);
  return made;
}

/** The string of some code points. */
export function stringOf(points: Points, from = 0, to = points.length): string {
  if (points instanceof Uint8Array && isAscii(points, from, to)) {
    return ascii.decode(points.subarray(from, to));
  }
  const parts: string[] = [];
  for (let at = from; at < to; at += CHUNK) {
    const part = points.subarray(at, Math.min(at + CHUNK, to));
    parts.push(
      points.BYTES_PER_ELEMENT < 4 ? String.fromCharCode(...part) : String.fromCodePoint(...part),
    );
  }
  return parts.join("");
}

function isAscii(points: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((points[at] ?? 0) > 127) return false;
  return true;
}

/** The code points of a string. */
export function pointsOf(text: string): Points {
  const wide = new Uint32Array(text.length);
  let count = 0;
  let highest = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) ?? 0;
    if (point > 0xffff) at++;
    wide[count++] = point;
    if (point > highest) highest = point;
  }
  return narrowed(wide.subarray(0, count), highest);
}

const MARK = 0xfeff;
const LF = 10;
const CR = 13;

/** Whether two texts differ in nothing that editors keep to themselves (format.md, section 7). */
export function isSameText(one: Points, other: Points): boolean {
  const [a, b] = [plain(one), plain(other)];
  return a.length === b.length && a.every((point, at) => point === b[at]);
}

/** A text without the mark before it, with bare line ends, and without the last of them. */
function plain(text: Points): Points {
  const bare = text.filter(
    (point, at) => !(point === CR && text[at + 1] === LF) && !(at === 0 && point === MARK),
  );
  return bare.at(-1) === LF ? bare.subarray(0, -1) : bare;
}
