/** An episode from bytes that nobody vouches for: what is whole is read, what is not is told. */
import { MAX_EDITS, STREAMS, decodeChunk, joinChunks, type Edits } from "./columns";
import { DamagedError, NewerVersionError, damagedAt } from "./damage";
import { fromLeb, MAX_NUMBER } from "./integers";
import { checkHead, findFrames, readArray, titleOf } from "./layout";
import { field, isMap, mapsOf, numberOf, ordinalOf, textOf, textsOf } from "./message_pack";
import { MAX_MS } from "./split_numbers";
import { ACTORS, type Row, type Value, type ValueMap } from "./types";

const MAX_ROWS_PER_FRAME = 65_536;
const BASIS_COUNT = 3;
const TIME_KIND_COUNT = 3;
const NOTHING_SAID = { header: {}, files: [], evidence: [[]] };

export interface EpisodeContent {
  readonly header: ValueMap;
  readonly files: readonly string[];
  readonly evidence: readonly (readonly string[])[];
  /** All steps but edits, by rising seq. */
  readonly rows: readonly Row[];
  readonly edits: Edits;
  readonly blobs: readonly Uint8Array[];
  /** What is damaged; what needs a damaged part is left out above. */
  readonly faults: readonly string[];
}

/** One array `[kind, name, version, body]`, wherever it stood. */
interface Part {
  readonly kind: string;
  readonly name: string;
  readonly body: Value;
  readonly title: string;
  readonly offset: number;
}

/** Read all that can be read.
 *
 * Throws a DamagedError when the bytes do not begin as an episode does, claim to hold more than
 * a reader takes, or were written by a later version. */
export function readEpisode(data: Uint8Array): EpisodeContent {
  checkHead(data);
  const found = findFrames(data);
  const faults: string[] = found.faults.map((fault) => fault.message);
  const parts: Part[] = [];
  for (const entry of found.entries) {
    const title = titleOf(entry);
    guarded(faults, () => {
      const frame = readArray(
        data.subarray(entry.offset, entry.offset + entry.length),
        title,
        entry.offset,
      );
      if (frame.kind !== entry.kind || frame.name !== entry.name) {
        throw damagedAt(title, entry.offset, `it is frame ${frame.kind} ${frame.name}`);
      }
      parts.push(...expanded({ ...frame, title, offset: entry.offset }));
    });
  }
  return assembled(parts, faults);
}

/** Run a part of the reading; what is damaged in it becomes a line of `faults`. */
function guarded(faults: string[], work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof NewerVersionError || !(error instanceof Error)) throw error;
    faults.push(error.message);
    return false;
  }
}

/** The arrays that a frame stands for: itself, or those in a frame of `parts`. */
function expanded(frame: Part): Part[] {
  if (frame.kind !== "parts") return [frame];
  if (!Array.isArray(frame.body)) throw damagedAt(frame.title, frame.offset, "it is no list");
  return frame.body.map((item) => {
    const [kind, name, version, body] = Array.isArray(item) && item.length === 4 ? item : [];
    if (
      typeof kind !== "string" ||
      typeof name !== "string" ||
      typeof version !== "number" ||
      version < 1 ||
      body === undefined ||
      kind === "parts" ||
      kind === "index"
    ) {
      throw damagedAt(frame.title, frame.offset, "a part of it is not [kind, name, version, body]");
    }
    if (version > 1) {
      throw new NewerVersionError(`part ${kind} ${name} has version ${version}, this page reads 1`);
    }
    return { kind, name, body, title: `part ${kind} ${name}`.trimEnd(), offset: frame.offset };
  });
}

function assembled(parts: readonly Part[], faults: string[]): EpisodeContent {
  const named = new Map<string, Part>();
  for (const part of parts) {
    const key = JSON.stringify([part.kind, part.name]);
    if (named.has(key)) faults.push(`two parts are called ${part.kind} ${part.name}`.trimEnd());
    else named.set(key, part);
  }
  const get = (kind: string, name: string): Part | undefined =>
    named.get(JSON.stringify([kind, name]));
  let head: Pick<EpisodeContent, "header" | "files" | "evidence"> = NOTHING_SAID;
  const isHeadWhole = guarded(faults, () => {
    head = readHeader(get("header", ""));
  });
  const { header, files, evidence } = head;
  const rows: Row[] = [];
  let areRowsWhole = true;
  for (const part of parts) {
    if (part.kind === "rows") areRowsWhole &&= guarded(faults, () => rows.push(...readRows(part)));
  }
  let edits = emptyEdits();
  // Without the rows the edits' numbers are not known; without the header their files are not.
  if (areRowsWhole && isHeadWhole) {
    const limits = {
      file: files.length,
      actor: ACTORS.length,
      basis: BASIS_COUNT,
      t_kind: TIME_KIND_COUNT,
      source: Math.max(textsOf(header, "sources").length, 1),
      evidence: Math.max(evidence.length, 1),
    };
    guarded(faults, () => {
      edits = readEdits(parts, get, rows, limits, faults);
    });
  }
  const blobs = readBlobs(parts, faults);
  for (const row of rows) checkBlobs(row, blobs.length, faults);
  return { header, files, evidence, rows, edits, blobs, faults };
}

function readHeader(part: Part | undefined): Pick<EpisodeContent, "header" | "files" | "evidence"> {
  if (part === undefined) throw new DamagedError("the file has no whole frame header");
  const body = part.body;
  const header = isMap(body) ? field(body, "header") : undefined;
  const files = isMap(body) ? strings(field(body, "files")) : null;
  const sets = isMap(body) ? (field(body, "evidence") ?? [[]]) : undefined;
  if (!isMap(header) || files === null || !Array.isArray(sets)) {
    throw damagedAt(part.title, part.offset, "it is not a header, files and evidence");
  }
  const evidence = sets.map((set) => {
    const names = strings(set);
    if (names === null)
      throw damagedAt(part.title, part.offset, "a list of names holds something else");
    return names;
  });
  return { header, files, evidence };
}

function strings(value: Value | undefined): string[] | null {
  if (!Array.isArray(value)) return null;
  const made = value.filter((item) => typeof item === "string");
  return made.length === value.length ? made : null;
}

function readRows(part: Part): Row[] {
  const body = part.body;
  const [gaps, waits, maps] = Array.isArray(body) && body.length === 3 ? body : [];
  if (!(gaps instanceof Uint8Array) || !(waits instanceof Uint8Array) || !Array.isArray(maps)) {
    throw damagedAt(part.title, part.offset, "rows are not two byte strings and a list");
  }
  const seqs = fromLeb(gaps);
  const times = fromLeb(waits);
  if (
    seqs.length !== maps.length ||
    times.length !== maps.length ||
    maps.length > MAX_ROWS_PER_FRAME
  ) {
    throw damagedAt(part.title, part.offset, `${seqs.length} numbers and ${maps.length} rows`);
  }
  let seq = 0;
  let tMs = 0;
  return maps.map((fields, n) => {
    seq += seqs[n] ?? 0;
    tMs += times[n] ?? 0;
    if (seq > MAX_NUMBER || tMs > MAX_MS) {
      throw damagedAt(part.title, part.offset, "a step's number or time is out of range");
    }
    if (!isMap(fields) || textOf(fields, "kind") === "" || textOf(fields, "kind") === "edit") {
      throw damagedAt(part.title, part.offset, `step ${seq} is not a map with a kind`);
    }
    return { seq, tMs, kind: textOf(fields, "kind"), fields };
  });
}

function readEdits(
  parts: readonly Part[],
  get: (kind: string, name: string) => Part | undefined,
  rows: readonly Row[],
  limits: Readonly<Record<string, number>>,
  faults: string[],
): Edits {
  const shapes = parts.filter((part) => part.kind === "col" && part.name.endsWith("/shape"));
  const counts = shapes.map((part, number) => {
    const count = isMap(part.body) ? numberOf(part.body, "edits") : 0;
    if (count <= 0) throw damagedAt(part.title, part.offset, "it is no shape");
    if (part.name !== `${number}/shape`) {
      throw damagedAt(part.title, part.offset, "chunks are out of order");
    }
    return count;
  });
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count > MAX_EDITS) throw new DamagedError("the file says too many edits");
  const free = freeNumbers(rows, count);
  const chunks: Edits[] = [];
  let at = 0;
  shapes.forEach((shape, number) => {
    const size = counts[number] ?? 0;
    const seq = free.subarray(at, at + size);
    at += size;
    guarded(faults, () => {
      const streams = new Map<string, Uint8Array>();
      for (const name of STREAMS) {
        const part = get("col", `${number}/${name}`);
        if (part === undefined) continue;
        if (!(part.body instanceof Uint8Array))
          throw damagedAt(part.title, part.offset, "it is not bytes");
        streams.set(name, part.body);
      }
      try {
        chunks.push(decodeChunk(shape.body as ValueMap, streams, seq, limits));
      } catch (error) {
        throw damagedAt(`chunk ${number} of edits`, shape.offset, error);
      }
    });
  });
  return chunks.length === 0 ? emptyEdits() : joinChunks(chunks);
}

/** The numbers that no row has. */
function freeNumbers(rows: readonly Row[], count: number): Uint32Array {
  const free = new Uint32Array(count);
  let next = 0;
  let at = 0;
  const gap = (): DamagedError =>
    new DamagedError("the steps are not numbered 0, 1, 2 … without a gap");
  for (const row of rows) {
    if (row.seq < next || row.seq - next > count - at) throw gap();
    while (next < row.seq) free[at++] = next++;
    next++;
  }
  while (at < count) free[at++] = next++;
  return free;
}

function emptyEdits(): Edits {
  const none = new Float64Array();
  return {
    count: 0,
    seq: new Uint32Array(),
    tMs: none,
    start: new Uint32Array(),
    deleted: new Uint32Array(),
    inserted: new Uint32Array(),
    textStarts: new Uint32Array(1),
    text: new Uint8Array(),
    slow: {
      file: none,
      buffer: none,
      actor: none,
      basis: none,
      txn: none,
      version: none,
      cursor: none,
      batch_ns: none,
      task: none,
      source: none,
      evidence: none,
      t_kind: none,
    },
  };
}

function readBlobs(parts: readonly Part[], faults: string[]): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  for (const part of parts) {
    if (part.kind !== "blob") continue;
    guarded(faults, () => {
      const body = part.body;
      const isList = Array.isArray(body) && body.every((blob) => blob instanceof Uint8Array);
      if (part.name !== String(blobs.length) || !isList) {
        throw damagedAt(part.title, part.offset, "it is no list of blobs in order");
      }
      blobs.push(...(body as Uint8Array[]));
    });
  }
  return blobs;
}

/** Where a step lists files on disk; a kind that is not known changes no text. */
const SEEN_IN: Readonly<Partial<Record<string, string>>> = {
  checkpoint: "disk",
  command: "disk",
  files: "changed",
  git: "disk",
  tests: "disk",
};

/** The files on disk that a step lists. */
export function filesSeen({ kind, fields }: Row): ValueMap[] {
  const list = SEEN_IN[kind];
  return list === undefined ? [] : mapsOf(fields, list);
}

/** All files that an episode names, in the order in which the program numbers them. */
export function namedPaths({ files, rows }: EpisodeContent): string[] {
  const named = rows.flatMap((row) => [
    textOf(row.fields, "path"),
    row.kind === "rename" ? textOf(row.fields, "old_path") : "",
    ...filesSeen(row).map((item) => textOf(item, "path")),
  ]);
  return [...new Set([...files, ...named.filter((path) => path !== "")])];
}

/** The ordinals of all blobs that a step names. */
export function blobsNamed(row: Row): number[] {
  const items = [row.fields, ...filesSeen(row)];
  return items.map((item) => ordinalOf(item, "blob")).filter((blob) => blob !== null);
}

function checkBlobs(row: Row, count: number, faults: string[]): void {
  for (const blob of blobsNamed(row)) {
    if (blob >= count) faults.push(`step ${row.seq} names blob ${blob} of ${count}`);
  }
}
