/** Where the frames of an episode file lie (format.md, section 2). */
import { crc32 } from "./checksums";
import { DamagedError, NewerVersionError, damagedAt } from "./damage";
import { unpack } from "./message_pack";
import type { Value } from "./types";
import { beginsFrame, decompressFrame, frameHead, frameLength } from "./zstd";

const HEAD_BYTES = 18;
const TAIL_BYTES = 24;
const HEAD_MAGIC = 0x184d2a50;
const TAIL_MAGIC = 0x184d2a51;
const FORMAT_VERSION = 1;
const FRAME_VERSION = 1;
const MAX_FILE_BYTES = 512 << 20;
const MAX_TOTAL_BYTES = 1 << 30;
const MAX_FRAMES = 1 << 16;

export interface FrameEntry {
  readonly kind: string;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface FrameArray {
  readonly kind: string;
  readonly name: string;
  readonly body: Value;
}

export function titleOf(entry: FrameEntry): string {
  return `frame ${entry.kind} ${entry.name}`.trimEnd();
}

function ascii(data: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...data.subarray(from, from + length));
}

/** Look at the head. Throws a DamagedError when it is none of ours, or of a later version. */
export function checkHead(data: Uint8Array): void {
  if (data.length > MAX_FILE_BYTES) {
    throw new DamagedError(`the file is larger than ${MAX_FILE_BYTES} bytes`);
  }
  const view = viewOf(data);
  const isOurs =
    data.length >= HEAD_BYTES &&
    view.getUint32(0, true) === HEAD_MAGIC &&
    view.getUint32(4, true) === 10 &&
    ascii(data, 8, 8) === "SIGNOFF\0";
  if (!isOurs) throw new DamagedError("not an episode: it does not begin with SIGNOFF");
  const version = view.getUint16(16, true);
  if (version > FORMAT_VERSION) {
    throw new NewerVersionError(
      `this episode has format version ${version}, this page reads up to ${FORMAT_VERSION}`,
    );
  }
  if (version === 0) throw new DamagedError("format version 0 does not exist");
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** The frames, from the index or, when that is damaged, found by scanning; and what is wrong. */
export function findFrames(data: Uint8Array): { entries: FrameEntry[]; faults: DamagedError[] } {
  let entries: FrameEntry[];
  let faults: DamagedError[] = [];
  try {
    entries = readIndex(data);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    const found = scan(data);
    entries = found.entries;
    faults = [error, ...found.faults];
  }
  const names = new Set(entries.map(({ kind, name }) => JSON.stringify([kind, name])));
  if (names.size !== entries.length) {
    faults.push(new DamagedError("two frames have the same kind and name"));
  }
  let held = 0;
  for (const entry of entries) held += saidSize(data, entry.offset);
  if (held > MAX_TOTAL_BYTES) {
    throw new DamagedError(`the file says it holds ${held} bytes; ${MAX_TOTAL_BYTES} are allowed`);
  }
  return { entries, faults };
}

function saidSize(data: Uint8Array, offset: number): number {
  try {
    return Math.max(frameHead(data, offset).contentBytes, 0);
  } catch {
    return 0;
  }
}

function readIndex(data: Uint8Array): FrameEntry[] {
  const at = data.length - TAIL_BYTES;
  const view = viewOf(data);
  if (
    at < HEAD_BYTES ||
    view.getUint32(at, true) !== TAIL_MAGIC ||
    view.getUint32(at + 4, true) !== 16
  ) {
    throw damagedAt("the last frame", Math.max(at, 0), "it is not where the file ends");
  }
  const offset = Number(view.getBigUint64(at + 8, true));
  if (ascii(data, data.length - 4, 4) !== "SGNF" || offset < HEAD_BYTES || offset >= at) {
    throw damagedAt("the last frame", at, "it does not point to an index");
  }
  const index = data.subarray(offset, at);
  if (crc32(index) !== view.getUint32(at + 16, true)) {
    throw damagedAt("the index", offset, "its checksum differs");
  }
  const { kind, body } = readArray(index, "the index", offset);
  if (kind !== "index" || !Array.isArray(body) || body.length > MAX_FRAMES) {
    throw damagedAt("the index", offset, "it is no list of frames");
  }
  return entriesOf(body, offset);
}

function entriesOf(body: readonly Value[], indexOffset: number): FrameEntry[] {
  const entries: FrameEntry[] = [];
  let at = HEAD_BYTES;
  for (const item of body) {
    const [kind, name, length] = Array.isArray(item) && item.length === 3 ? item : [];
    if (
      typeof kind !== "string" ||
      typeof name !== "string" ||
      typeof length !== "number" ||
      !Number.isSafeInteger(length) ||
      length <= 0
    ) {
      throw damagedAt("the index", indexOffset, "an entry has the wrong form");
    }
    entries.push({ kind, name, offset: at, length });
    at += length;
  }
  if (at !== indexOffset) {
    throw damagedAt("the index", indexOffset, `its frames end at ${at}, not where it begins`);
  }
  return entries;
}

/** The array in one frame. Throws a DamagedError when the frame is damaged or holds another thing. */
export function readArray(frame: Uint8Array, what: string, offset: number): FrameArray {
  let value: Value;
  try {
    value = unpack(decompressFrame(frame));
  } catch (error) {
    throw damagedAt(what, offset, error);
  }
  if (!Array.isArray(value) || value.length !== 4) {
    throw damagedAt(what, offset, "it is not [kind, name, version, body]");
  }
  const [kind, name, version, body] = value;
  if (
    typeof kind !== "string" ||
    typeof name !== "string" ||
    typeof version !== "number" ||
    version < 1 ||
    body === undefined
  ) {
    throw damagedAt(what, offset, "it is not [kind, name, version, body]");
  }
  if (version > FRAME_VERSION) {
    throw new NewerVersionError(`${what} has version ${version}, this page reads ${FRAME_VERSION}`);
  }
  return { kind, name, body };
}

/** Find the frames without the index: the ones that are whole, and what is wrong. */
function scan(data: Uint8Array): { entries: FrameEntry[]; faults: DamagedError[] } {
  const entries: FrameEntry[] = [];
  const faults: DamagedError[] = [];
  const view = viewOf(data);
  let at = HEAD_BYTES;
  while (at >= 0 && at < data.length && entries.length + faults.length < MAX_FRAMES) {
    if (at + 4 <= data.length && view.getUint32(at, true) === TAIL_MAGIC) break;
    try {
      const length = frameLength(data, at);
      const { kind, name } = readArray(data.subarray(at, at + length), "frame", at);
      if (kind !== "index") entries.push({ kind, name, offset: at, length });
      at += length;
    } catch (error) {
      faults.push(error instanceof DamagedError ? error : damagedAt("frame", at, error));
      at = nextFrame(data, at + 4);
    }
  }
  return { entries, faults };
}

function nextFrame(data: Uint8Array, from: number): number {
  for (let at = data.indexOf(0x28, from); at >= 0; at = data.indexOf(0x28, at + 1)) {
    if (beginsFrame(data, at)) return at;
  }
  return -1;
}
