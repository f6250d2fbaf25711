/** Episodes with something wrong: flipped, cut short, or wrong within whole frames. */
import { crc32, frameChecksum } from "../../src/episode/checksums";
import { decompressFrame, frameLength } from "../../src/episode/zstd";

/** A zstd frame that holds some bytes as they are. */
export function rawFrame(content: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  const most = 100_000;
  for (let at = 0; at === 0 || at < content.length; at += most) {
    const part = content.subarray(at, at + most);
    const word = (part.length << 3) | (at + most >= content.length ? 1 : 0);
    blocks.push(Uint8Array.of(word & 255, (word >> 8) & 255, word >> 16), part);
  }
  const head = new Uint8Array(13);
  head.set([0x28, 0xb5, 0x2f, 0xfd, 0b11100100]);
  new DataView(head.buffer).setBigUint64(5, BigInt(content.length), true);
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, frameChecksum(content), true);
  return joinedBytes([head, ...blocks, tail]);
}

export function joinedBytes(parts: readonly Uint8Array[]): Uint8Array {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** What the frames of a whole file hold, the index left out. */
export function contentsOf(data: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const contents: Uint8Array<ArrayBuffer>[] = [];
  let at = 18;
  while (at < data.length - 24) {
    const length = frameLength(data, at);
    contents.push(decompressFrame(data.subarray(at, at + length)));
    at += length;
  }
  return contents.slice(0, -1);
}

/** A file of frames with these contents and an index over them; kind and name as they say. */
export function fileOf(head: Uint8Array, contents: readonly Uint8Array[]): Uint8Array {
  const frames = contents.map(rawFrame);
  const entries = contents.map((content, n) =>
    joinedBytes([Uint8Array.of(0x93), nameOf(content), packedLength(frames[n]?.length ?? 0)]),
  );
  const list = Uint8Array.of(0xdc, entries.length >> 8, entries.length & 255);
  // ["index", "", 1, [...]]
  const opening = Uint8Array.of(0x94, 0xa5, 0x69, 0x6e, 0x64, 0x65, 0x78, 0xa0, 0x01);
  const index = rawFrame(joinedBytes([opening, list, ...entries]));
  const body = joinedBytes([head, ...frames]);
  const tail = new Uint8Array(24);
  const view = new DataView(tail.buffer);
  view.setUint32(0, 0x184d2a51, true);
  view.setUint32(4, 16, true);
  view.setBigUint64(8, BigInt(body.length), true);
  view.setUint32(16, crc32(index), true);
  tail.set(new TextEncoder().encode("SGNF"), 20);
  return joinedBytes([body, index, tail]);
}

function packedLength(length: number): Uint8Array {
  const made = new Uint8Array(5);
  made[0] = 0xce;
  new DataView(made.buffer).setUint32(1, length);
  return made;
}

/** The bytes of kind and name at the beginning of a frame's array; both are short. */
function nameOf(content: Uint8Array): Uint8Array {
  let at = 1;
  for (let n = 0; n < 2; n++) at += 1 + ((content[at] ?? 0) & 31);
  return content.subarray(1, at);
}

/** Numbers from 0 up to `below`, the same for the same seed (mulberry32). */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 4294967296) * below);
  };
}
