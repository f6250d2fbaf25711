/** Zstandard frames (RFC 8878) within the limits of format.md, section 3. */
import { decompress } from "fzstd";
import { frameChecksum } from "./checksums";

export const MAGIC = [0x28, 0xb5, 0x2f, 0xfd] as const;
const MAX_WINDOW_BYTES = 8 << 20;
export const MAX_FRAME_BYTES = 64 << 20;
const MAX_BLOCK_BYTES = 128 << 10;

export interface FrameHead {
  /** What the frame says it holds. */
  readonly contentBytes: number;
  readonly windowBytes: number;
  readonly hasChecksum: boolean;
  readonly namesDictionary: boolean;
  /** Bytes of the frame's header. */
  readonly length: number;
}

/** Whether a zstd frame begins at `at`. */
export function beginsFrame(data: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, place) => data[at + place] === byte);
}

/** Read a frame's header. Throws an Error when none lies there. */
export function frameHead(data: Uint8Array, at: number): FrameHead {
  if (!beginsFrame(data, at) || at + 6 > data.length) throw new Error("no zstd frame begins here");
  const descriptor = data[at + 4] ?? 0;
  if (descriptor & 8) throw new Error("a reserved bit is set");
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let place = at + 5;
  let windowBytes = 0;
  if (!isSingle) {
    const byte = data[place++] ?? 0;
    const base = 2 ** (10 + (byte >> 3));
    windowBytes = base + (base / 8) * (byte & 7);
  }
  const namesDictionary = data.subarray(place, place + dictionaryBytes).some((byte) => byte > 0);
  place += dictionaryBytes;
  let contentBytes = sizeBytes === 2 ? 256 : 0;
  for (let n = 0; n < sizeBytes; n++) contentBytes += (data[place + n] ?? 0) * 2 ** (8 * n);
  place += sizeBytes;
  if (place > data.length) throw new Error("frame is cut short");
  return {
    contentBytes: sizeBytes === 0 ? -1 : contentBytes,
    windowBytes: isSingle ? contentBytes : windowBytes,
    hasChecksum: (descriptor & 4) !== 0,
    namesDictionary,
    length: place - at,
  };
}

/** How many bytes the frame at `at` takes, from its headers alone. */
export function frameLength(data: Uint8Array, at: number): number {
  const head = frameHead(data, at);
  let place = at + head.length;
  for (;;) {
    if (place + 3 > data.length) throw new Error("frame is cut short");
    const word =
      (data[place] ?? 0) | ((data[place + 1] ?? 0) << 8) | ((data[place + 2] ?? 0) << 16);
    const kind = (word >> 1) & 3;
    const size = word >> 3;
    if (kind === 3) throw new Error("frame holds a reserved block");
    if (size > MAX_BLOCK_BYTES) throw new Error("frame holds too large a block");
    place += 3 + (kind === 1 ? 1 : size);
    if (word & 1) break;
  }
  place += head.hasChecksum ? 4 : 0;
  if (place > data.length) throw new Error("frame is cut short");
  return place - at;
}

function notANumber(): number {
  return NaN;
}

/** What one frame holds. Throws an Error when it is damaged, too large or lacks its checksum. */
export function decompressFrame(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = frameHead(frame, 0);
  if (head.contentBytes > MAX_FRAME_BYTES) {
    throw new Error(`frame says it holds ${head.contentBytes} bytes`);
  }
  if (head.contentBytes < 0) throw new Error("frame does not say its size");
  if (!head.hasChecksum || head.namesDictionary || head.windowBytes > MAX_FRAME_BYTES) {
    throw new Error("frame lacks its checksum, names a dictionary or has too large a window");
  }
  if (head.windowBytes > Math.max(MAX_WINDOW_BYTES, 1024)) {
    throw new Error("frame has too large a window");
  }
  if (frameLength(frame, 0) !== frame.length) throw new Error("bytes lie behind the frame");
  const content = new Uint8Array(head.contentBytes);
  // fzstd asks whether the room it is given `== 1`, which would write all of it out as a text first.
  const room = Object.assign(new Uint8Array(content.buffer), { [Symbol.toPrimitive]: notANumber });
  try {
    decompress(frame, room);
  } catch (error) {
    throw new Error(`frame cannot be decompressed (${String(error)})`, { cause: error });
  }
  const view = new DataView(frame.buffer, frame.byteOffset + frame.length - 4, 4);
  if (view.getUint32(0, true) !== frameChecksum(content)) {
    throw new Error("frame cannot be decompressed (its checksum differs)");
  }
  return content;
}
