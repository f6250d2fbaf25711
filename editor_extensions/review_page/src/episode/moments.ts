/** Any state of any file at any moment (format.md, sections 6 and 7). A moment is the `seq` of the
 *  step just done; -1 is the start. */
import { numberOf, ordinalOf, textOf } from "./message_pack";
import { Origins } from "./origins";
import { decodePoints, isSameText, type Points } from "./points";
import { filesSeen, type EpisodeContent } from "./reader";
import { TextHistory, type TextState } from "./texts";
import type { FileState, Row, ValueMap } from "./types";

/** One buffer from an open or resync until it is closed or replaced. */
export interface Life {
  readonly path: string;
  readonly buffer: number;
  readonly since: number;
  /** First step at which it is gone. */
  until: number;
  readonly initial: Version;
  /** Places of its edits in the episode's table, and their `seq`. */
  edits: Uint32Array;
  history: TextHistory | null;
  /** Whether an edit of it does not fit its text: then it has no states. */
  isBroken: boolean;
  /** For a number of its edits: where to look next in what lay on disk, and whether the disk held
   *  the text after them: at which place first. */
  readonly met: Map<number, { looked: number; found: number }>;
}

/** A content: a blob, or a life after some edits, or nothing but an empty text. */
interface Version {
  readonly blob: number | null;
  readonly life: Life | null;
  readonly edits: number;
  readonly absence: "" | "withheld" | "unknown";
}

const EMPTY: Version = { blob: null, life: null, edits: 0, absence: "" };

/** What lay on disk at one path, from which `seq` on; null is no file. */
interface Timeline {
  readonly seqs: number[];
  readonly versions: (Version | null)[];
}

/** What a file is at a moment. */
export interface FileMoment {
  readonly state: TextState | null;
  readonly absence: FileState["absence"];
  readonly sizeBytes: number;
  /** The buffer it is of; null: the disk. */
  readonly life: Life | null;
  /** The life whose edits brought its characters, also of a text on disk; and how many of them. */
  readonly textLife: Life | null;
  readonly edits: number;
}

export class Moments {
  private readonly livesByPath = new Map<string, Map<number, Life[]>>();
  private readonly disk = new Map<string, Timeline>();
  private readonly editsByBuffer: Map<string, Uint32Array>;
  private readonly blobPoints = new Map<number, Points | null>();
  readonly content: EpisodeContent;
  readonly origins: Origins;
  /** What does not fit; the states it spoils are told as not known. */
  readonly faults: string[] = [];

  constructor(content: EpisodeContent) {
    this.content = content;
    this.origins = new Origins((blob) => content.blobs[blob]?.length ?? 0);
    this.editsByBuffer = editsByBuffer(content);
    for (const row of content.rows) {
      this.origins.follow(row);
      this.follow(row);
    }
    let placed = 0;
    for (const life of this.lives()) placed += life.edits.length;
    if (placed !== content.edits.count) {
      this.faults.push(`${content.edits.count - placed} edits change a buffer that is not open`);
    }
    for (const life of this.lives()) this.checkFit(life);
  }

  /** See that every edit of a buffer lies within its text. */
  private checkFit(life: Life): void {
    const { start, deleted, inserted } = this.content.edits;
    let length = this.lengthOf(life.initial);
    if (length === null) {
      life.isBroken = true;
      if (life.edits.length > 0) this.faults.push(`a buffer that is edited was opened on no text`);
      return;
    }
    for (const edit of life.edits) {
      if ((start[edit] ?? 0) + (deleted[edit] ?? 0) > length) {
        life.isBroken = true;
        this.faults.push(`edit ${edit + 1} reaches beyond the ${length} characters of its text`);
        return;
      }
      length += (inserted[edit] ?? 0) - (deleted[edit] ?? 0);
    }
  }

  /** How many characters a content has; null where it is no text. */
  private lengthOf(version: Version): number | null {
    if (version.absence !== "") return null;
    if (version.life === null) {
      return version.blob === null ? 0 : (this.pointsOfBlob(version.blob)?.length ?? null);
    }
    const { deleted, inserted } = this.content.edits;
    let length = this.lengthOf(version.life.initial);
    if (length === null) return null;
    for (const edit of version.life.edits.subarray(0, version.edits)) {
      length += (inserted[edit] ?? 0) - (deleted[edit] ?? 0);
    }
    return length;
  }

  private follow(row: Row): void {
    const { fields, seq, kind } = row;
    for (const item of filesSeen(row)) this.see(item, seq);
    const path = textOf(fields, "path");
    const buffer = numberOf(fields, "buffer");
    if (path === "") return;
    switch (kind) {
      case "open":
        this.open(fields, path, buffer, seq);
        return;
      case "close":
        this.end(path, buffer, seq);
        return;
      case "save":
        this.save(path, buffer, seq);
        return;
      case "create":
        this.note(path, seq, { ...EMPTY, blob: ordinalOf(fields, "blob") });
        return;
      case "rename":
        this.rename(textOf(fields, "old_path"), path, seq);
        return;
      case "delete":
        this.note(path, seq, null);
        return;
      case "resync":
        this.resync(fields, path, buffer, seq);
    }
  }

  private open(fields: ValueMap, path: string, buffer: number, seq: number): void {
    const blob = ordinalOf(fields, "blob");
    const known = this.onDisk(path, seq);
    const hasText = known !== undefined && known !== null && known.absence === "";
    const initial = blob !== null || !hasText ? { ...EMPTY, blob } : known;
    this.begin(path, buffer, seq, initial);
    const hasForm = typeof fields["form"] === "object" && fields["form"] !== null;
    const isNews =
      (known === undefined || known === null) && textOf(fields, "reason", "open") === "open";
    const isFilled = blob !== null && (this.content.blobs[blob]?.length ?? 0) > 0;
    if (hasForm || (isNews && isFilled)) this.note(path, seq, initial);
  }

  private begin(path: string, buffer: number, seq: number, initial: Version): void {
    this.end(path, buffer, seq);
    const all = this.editsByBuffer.get(bufferKey(path, buffer)) ?? new Uint32Array();
    const { seq: seqs } = this.content.edits;
    const edits = all.subarray(firstAbove(all.length, (n) => (seqs[all[n] ?? 0] ?? 0) > seq));
    const life: Life = {
      path,
      buffer,
      since: seq,
      until: Infinity,
      initial,
      edits,
      history: null,
      isBroken: false,
      met: new Map(),
    };
    const buffers = this.livesByPath.get(path) ?? new Map<number, Life[]>();
    this.livesByPath.set(path, buffers);
    buffers.set(buffer, [...(buffers.get(buffer) ?? []), life]);
  }

  private end(path: string, buffer: number, seq: number): void {
    const life = this.livesByPath.get(path)?.get(buffer)?.at(-1);
    if (life?.until !== Infinity) return;
    life.until = seq;
    life.edits = life.edits.subarray(0, this.done(life, seq));
  }

  private save(path: string, buffer: number, seq: number): void {
    const life = this.lifeAt(path, buffer, seq);
    if (life !== null) this.note(path, seq, { ...EMPTY, life, edits: this.done(life, seq) });
  }

  private rename(oldPath: string, path: string, seq: number): void {
    const before = this.onDisk(oldPath, seq);
    if (before === null) return;
    this.note(oldPath, seq, null);
    this.note(path, seq, before ?? { ...EMPTY, absence: "unknown" });
  }

  private resync(fields: ValueMap, path: string, buffer: number, seq: number): void {
    const blob = ordinalOf(fields, "blob");
    if (textOf(fields, "target") === "disk") {
      this.note(path, seq, blob === null ? null : { ...EMPTY, blob });
    } else if (blob === null) {
      this.end(path, buffer, seq);
    } else {
      this.begin(path, buffer, seq, { ...EMPTY, blob });
    }
  }

  private see(item: ValueMap, seq: number): void {
    const path = textOf(item, "path");
    const blob = ordinalOf(item, "blob");
    if (blob !== null) this.note(path, seq, { ...EMPTY, blob });
    else if (item["without_content"] === true)
      this.note(path, seq, { ...EMPTY, absence: "withheld" });
    else if (textOf(item, "sha256") === "") this.note(path, seq, null);
  }

  private note(path: string, seq: number, version: Version | null): void {
    const timeline = this.disk.get(path) ?? { seqs: [], versions: [] };
    this.disk.set(path, timeline);
    timeline.seqs.push(seq);
    timeline.versions.push(version);
  }

  /** What lies on disk; undefined where nothing is known of it. */
  private onDisk(path: string, seq: number): Version | null | undefined {
    const timeline = this.disk.get(path);
    if (timeline === undefined) return undefined;
    const place = firstAbove(timeline.seqs.length, (n) => (timeline.seqs[n] ?? 0) > seq);
    return place > 0 ? timeline.versions[place - 1] : undefined;
  }

  private lifeAt(path: string, buffer: number, seq: number): Life | null {
    const lives = this.livesByPath.get(path)?.get(buffer) ?? [];
    const place = firstAbove(lives.length, (n) => (lives[n]?.since ?? 0) > seq);
    const life = lives[place - 1];
    return life === undefined || life.until <= seq ? null : life;
  }

  /** How many edits of a life have a `seq` of at most `seq`. */
  done(life: Life, seq: number): number {
    const { seq: seqs } = this.content.edits;
    return firstAbove(life.edits.length, (n) => (seqs[life.edits[n] ?? 0] ?? 0) > seq);
  }

  /** Every stretch in which a buffer was open. */
  *lives(): Generator<Life> {
    for (const buffers of this.livesByPath.values()) {
      for (const lives of buffers.values()) yield* lives;
    }
  }

  /** Every stretch in which a buffer of one file was open. */
  *livesOf(path: string): Generator<Life> {
    for (const lives of this.livesByPath.get(path)?.values() ?? []) yield* lives;
  }

  /** Whether a buffer was saved as it was at its end. */
  isSaved(life: Life): boolean {
    const versions = this.disk.get(life.path)?.versions ?? [];
    return versions.some((one) => one?.life === life && one.edits === life.edits.length);
  }

  /** The steps that changed a file on disk. */
  changesOf(path: string): readonly number[] {
    return this.disk.get(path)?.seqs ?? [];
  }

  /** What a file was on disk other than by a save of its buffer: `seq` and text, null for none. */
  *diskTexts(path: string): Generator<readonly [seq: number, points: Points | null]> {
    const { seqs, versions } = this.disk.get(path) ?? { seqs: [], versions: [] };
    for (const [n, version] of versions.entries()) {
      if (version?.life?.path === path) continue;
      const isThere = version !== null && version.absence === "";
      yield [seqs[n] ?? 0, isThere ? this.pointsOf(version) : null];
    }
  }

  /** Everything that was on disk and did not come from a buffer: path, `seq`, blob. */
  *diskBlobs(): Generator<readonly [path: string, seq: number, blob: number]> {
    for (const [path, timeline] of this.disk) {
      for (const [n, version] of timeline.versions.entries()) {
        if (version?.blob !== undefined && version.blob !== null) {
          yield [path, timeline.seqs[n] ?? 0, version.blob];
        }
      }
    }
  }

  /** All paths about which anything is ever known. */
  paths(): Set<string> {
    return new Set([...this.livesByPath.keys(), ...this.disk.keys()]);
  }

  /** The open buffers of a path, the one touched last first. */
  private openLives(path: string, seq: number): Life[] {
    const found: Life[] = [];
    for (const buffer of this.livesByPath.get(path)?.keys() ?? []) {
      const life = this.lifeAt(path, buffer, seq);
      if (life !== null) found.push(life);
    }
    return found.sort((a, b) => this.touched(b, seq) - this.touched(a, seq));
  }

  /** The step that made a buffer's text what it is at a moment. */
  private touched(life: Life, seq: number): number {
    const done = this.done(life, seq);
    return done > 0 ? (this.content.edits.seq[life.edits[done - 1] ?? 0] ?? 0) : life.since;
  }

  /** The buffer whose text stands over the disk (format.md, section 7). */
  private hiding(path: string, seq: number): Life | null {
    return this.openLives(path, seq).find((life) => this.hides(life, seq)) ?? null;
  }

  /** Whether the disk has not held a buffer's text since the buffer came to hold it. */
  private hides(life: Life, seq: number): boolean {
    const timeline = this.disk.get(life.path);
    if (timeline === undefined || life.isBroken) return true;
    const until = (last: number) =>
      firstAbove(timeline.seqs.length, (n) => (timeline.seqs[n] ?? 0) > last);
    const done = this.done(life, seq);
    const met = life.met.get(done) ?? {
      looked: Math.max(0, until(this.touched(life, seq)) - 1),
      found: Infinity,
    };
    life.met.set(done, met);
    const last = until(seq);
    for (; met.found === Infinity && met.looked < last; met.looked++) {
      if (this.isTextOf(timeline.versions[met.looked] ?? null, life, done)) met.found = met.looked;
    }
    return met.found >= last;
  }

  /** Whether a content on disk is a buffer's text after some of its edits. */
  private isTextOf(version: Version | null, life: Life, done: number): boolean {
    if (version === null || version.absence !== "") return false;
    if (isPlainlyOf(version, life, done)) return true;
    const [mine, other] = [this.pointsOf({ ...EMPTY, life, edits: done }), this.pointsOf(version)];
    return mine !== null && other !== null && isSameText(mine, other);
  }

  /** The text of a content, null where it is none. */
  private pointsOf(version: Version): Points | null {
    if (version.life !== null) {
      return this.history(version.life)?.after(version.edits).points ?? null;
    }
    return version.blob === null ? new Uint8Array() : this.pointsOfBlob(version.blob);
  }

  /** Whether a file is there, without making its text. */
  exists(path: string, seq: number): boolean {
    if (this.hiding(path, seq) !== null) return true;
    const version = this.onDisk(path, seq);
    return version !== undefined && version !== null;
  }

  /** Which content a file has, as a word that is equal for equal contents of one source. */
  contentKey(path: string, seq: number): string {
    const life = this.hiding(path, seq);
    if (life !== null) return `life ${life.buffer} ${life.since} ${this.done(life, seq)}`;
    const version = this.onDisk(path, seq);
    if (version === undefined || version === null) return "none";
    if (version.life !== null) {
      return `life ${version.life.buffer} ${version.life.since} ${version.edits}`;
    }
    return version.absence !== "" ? version.absence : `blob ${version.blob ?? "none"}`;
  }

  /** A file at a moment: a buffer that hides the disk, or the disk. */
  fileAt(path: string, seq: number): FileMoment {
    const version = this.onDisk(path, seq);
    const life = this.hiding(path, seq) ?? this.holderOf(version ?? null, path, seq);
    if (life !== null) return this.momentOf({ ...EMPTY, life, edits: this.done(life, seq) }, life);
    if (version === undefined) return nothing("unknown");
    return version === null ? nothing("gone") : this.momentOf(version, null);
  }

  /** An open buffer that plainly holds what lies on disk. */
  private holderOf(version: Version | null, path: string, seq: number): Life | null {
    if (version === null || version.absence !== "") return null;
    const open = this.openLives(path, seq);
    return open.find((life) => isPlainlyOf(version, life, this.done(life, seq))) ?? null;
  }

  private momentOf(version: Version, life: Life | null): FileMoment {
    if (version.absence !== "") return nothing(version.absence);
    const made = { absence: "", sizeBytes: 0, life, textLife: null, edits: 0 } as const;
    if (version.life !== null) {
      const history = this.history(version.life);
      if (history === null) return nothing("damaged");
      const state = history.after(version.edits);
      return { ...made, state, textLife: version.life, edits: version.edits };
    }
    if (version.blob === null)
      return { ...made, state: { points: new Uint8Array(), births: new Uint32Array() } };
    const points = this.pointsOfBlob(version.blob);
    if (points === null) {
      return { ...nothing("binary"), sizeBytes: this.content.blobs[version.blob]?.length ?? 0 };
    }
    return { ...made, state: { points, births: new Uint32Array(points.length) } };
  }

  /** The history of a buffer's text; null when it was opened on bytes that are not text. */
  history(life: Life): TextHistory | null {
    if (life.isBroken) return null;
    if (life.history !== null) return life.history;
    const initial = this.pointsOf(life.initial);
    if (initial === null) return null;
    life.history = new TextHistory(initial, this.content.edits, life.edits);
    return life.history;
  }

  /** The text of a blob, null when it is none or is not here. */
  pointsOfBlob(blob: number): Points | null {
    const known = this.blobPoints.get(blob);
    if (known !== undefined) return known;
    const bytes = this.content.blobs[blob];
    let points: Points | null = null;
    try {
      points = bytes === undefined ? null : decodePoints(bytes);
    } catch {
      points = null; // bytes that are not text
    }
    this.blobPoints.set(blob, points);
    return points;
  }

  /** The bytes of a blob of a binary file at a moment, for tests and sizes. */
  blobAt(path: string, seq: number): Uint8Array | null {
    const version = this.onDisk(path, seq);
    if (version?.blob === undefined || version.blob === null) return null;
    return this.content.blobs[version.blob] ?? null;
  }
}

function nothing(absence: FileMoment["absence"]): FileMoment {
  return { state: null, absence, sizeBytes: 0, life: null, textLife: null, edits: 0 };
}

function bufferKey(path: string, buffer: number): string {
  return JSON.stringify([path, buffer]);
}

/** The numbers of edits by buffer, each in order of time. */
function editsByBuffer(content: EpisodeContent): Map<string, Uint32Array> {
  const { edits, files } = content;
  const byFile = new Map<number, Map<number, number[]>>();
  for (let n = 0; n < edits.count; n++) {
    const file = edits.slow.file[n] ?? 0;
    const buffer = edits.slow.buffer[n] ?? 0;
    let buffers = byFile.get(file);
    if (buffers === undefined) byFile.set(file, (buffers = new Map<number, number[]>()));
    const own = buffers.get(buffer);
    if (own === undefined) buffers.set(buffer, [n]);
    else own.push(n);
  }
  const made = new Map<string, Uint32Array>();
  for (const [file, buffers] of byFile) {
    for (const [buffer, numbers] of buffers) {
      made.set(bufferKey(files[file] ?? "", buffer), Uint32Array.from(numbers));
    }
  }
  return made;
}

/** Whether it is plain, without a look at any text, that a content is a buffer's. */
function isPlainlyOf(version: Version, life: Life, done: number): boolean {
  if (version.life === life) return version.edits === done;
  const { blob, life: of, edits } = life.initial;
  return done === 0 && version.life === of && version.blob === blob && version.edits === edits;
}

/** The first place from 0 to `count` for which `isAbove` holds; it never stops holding. */
export function firstAbove(count: number, isAbove: (n: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAbove(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
