/** CRC-32 of the index, and the XXH64 checksum of zstd frames (RFC 8878, 3.1.1). */

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

// A number of 64 bits is two halves of 32, since BigInt is twenty times slower.
const P1 = [0x9e3779b1, 0x85ebca87] as const; // high, low
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

/** Halves of the last result; kept outside so that nothing is allocated per step. */
let high = 0;
let low = 0;

function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const lows = Math.imul(aLow, bLow) >>> 0;
  const cross = Math.imul(aHigh, bLow) + (lows >>> 16);
  const middle = (Math.imul(aLow, bHigh) >>> 0) + ((cross >>> 0) & 0xffff);
  return (
    (Math.imul(aHigh, bHigh) + Math.floor((cross >>> 0) / 65536) + Math.floor(middle / 65536)) | 0
  );
}

function multiply(aHigh: number, aLow: number, b: readonly [number, number]): void {
  const bHigh = b[0] | 0;
  const bLow = b[1] | 0;
  high = (multiplyHigh(aLow, bLow) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
  low = Math.imul(aLow, bLow);
}

function add(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const sum = (aLow >>> 0) + (bLow >>> 0);
  high = (aHigh + bHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
  low = sum | 0;
}

/** Turn left by 1 to 31 bits. */
function turn(aHigh: number, aLow: number, by: number): void {
  high = (aHigh << by) | (aLow >>> (32 - by));
  low = (aLow << by) | (aHigh >>> (32 - by));
}

/** One lane of 8 bytes: the lane plus input times P2, turned by 31, times P1. */
function round(laneHigh: number, laneLow: number, inHigh: number, inLow: number): void {
  multiply(inHigh, inLow, P2);
  add(laneHigh, laneLow, high, low);
  turn(high, low, 31);
  multiply(high, low, P1);
}

/** The low 32 bits of XXH64 with seed 0: what stands behind a zstd frame. */
export function frameChecksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let at = 0;
  if (end >= 32) {
    at = stripes(view, end);
  } else {
    high = P5[0] | 0;
    low = P5[1] | 0;
  }
  add(high, low, Math.floor(end / 4294967296), end | 0);
  for (; at + 8 <= end; at += 8) {
    const h = high;
    const l = low;
    round(0, 0, view.getInt32(at + 4, true), view.getInt32(at, true));
    turn(h ^ high, l ^ low, 27);
    multiply(high, low, P1);
    add(high, low, P4[0], P4[1]);
  }
  if (at + 4 <= end) {
    const h = high;
    const l = low;
    multiply(0, view.getInt32(at, true), P1);
    turn(h ^ high, l ^ low, 23);
    multiply(high, low, P2);
    add(high, low, P3[0], P3[1]);
    at += 4;
  }
  for (; at < end; at++) {
    const h = high;
    const l = low;
    multiply(0, view.getUint8(at), P5);
    turn(h ^ high, l ^ low, 11);
    multiply(high, low, P1);
  }
  return avalanche();
}

function avalanche(): number {
  low ^= high >>> 1; // shift right by 33
  multiply(high, low, P2);
  const shiftedLow = (low >>> 29) | (high << 3); // shift right by 29
  const shiftedHigh = high >>> 29;
  multiply(high ^ shiftedHigh, low ^ shiftedLow, P3);
  return (low ^ high) >>> 0; // shift right by 32
}

/** Go through whole stripes of 32 bytes; leaves the merged lanes, returns where it stopped. */
function stripes(view: DataView, end: number): number {
  const lanes = new Int32Array(8);
  add(P1[0], P1[1], P2[0], P2[1]);
  lanes[0] = high;
  lanes[1] = low;
  lanes[2] = P2[0];
  lanes[3] = P2[1];
  add(0, 0, ~P1[0], ~P1[1]);
  add(high, low, 0, 1);
  lanes[6] = high;
  lanes[7] = low;
  let at = 0;
  for (; at + 32 <= end; at += 32) {
    for (let lane = 0; lane < 8; lane += 2) {
      const from = at + lane * 4;
      round(
        lanes[lane] ?? 0,
        lanes[lane + 1] ?? 0,
        view.getInt32(from + 4, true),
        view.getInt32(from, true),
      );
      lanes[lane] = high;
      lanes[lane + 1] = low;
    }
  }
  let sumHigh = 0;
  let sumLow = 0;
  for (const [lane, by] of [
    [0, 1],
    [2, 7],
    [4, 12],
    [6, 18],
  ] as const) {
    turn(lanes[lane] ?? 0, lanes[lane + 1] ?? 0, by);
    add(sumHigh, sumLow, high, low);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 8; lane += 2) {
    round(0, 0, lanes[lane] ?? 0, lanes[lane + 1] ?? 0);
    multiply(sumHigh ^ high, sumLow ^ low, P1);
    add(high, low, P4[0], P4[1]);
    sumHigh = high;
    sumLow = low;
  }
  high = sumHigh;
  low = sumLow;
  return at;
}
