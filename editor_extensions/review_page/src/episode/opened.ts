/** An opened episode and all questions about it; lives in the worker, and in tests. */
import { deletedTexts } from "./deleted";
import { linear } from "./linear";
import { LinesOf } from "./lines";
import { lineCounts } from "./line_differences";
import { linearise, recordedPlace, shownPlace } from "./linear";
import { Moments, type FileMoment, firstAbove } from "./moments";
import { outputPlace } from "./output_place";
import type { Origin } from "./origins";
import { pointsOf, stringOf } from "./points";
import { namedPaths, readEpisode, type EpisodeContent } from "./reader";
import { Search } from "./search";
import { longTextsOf, markOf, outputSteps, silentCommands, type LongText } from "./steps";
import {
  ACTORS,
  type BornSpan,
  type ChangedFile,
  type DeletedText,
  type FieldPlace,
  type FileState,
  type Mark,
  type NamedSpan,
  type OutputPart,
  type OutputPlace,
  type Row,
  type SearchQuery,
  type SearchResult,
  type Summary,
  type Value,
} from "./types";
import type { EpisodeHeader } from "../schemas/header";

const RECENT_MS = 30_000;
const MOST_SPANS = 20_000;
const BASES = ["observed", "inferred", "none"];
const TIME_KINDS = ["event", "received", "seen_late"];

export class Opened {
  readonly content: EpisodeContent;
  readonly moments: Moments;
  private readonly files: readonly string[];
  private readonly fileOf: (path: string) => number;
  private readonly searching: Search;
  private readonly silent;
  private lines: { seq: number; parts: readonly LinesOf[] } | null = null;

  constructor(readonly bytes: Uint8Array) {
    this.content = readEpisode(bytes);
    this.moments = new Moments(this.content);
    this.files = namedPaths(this.content);
    const places = new Map(this.files.map((path, place) => [path, place]));
    this.fileOf = (path) => places.get(path) ?? -1;
    this.silent = silentCommands(this.content.rows);
    this.searching = new Search(this.moments, this.fileOf, this.files);
  }

  async summary(): Promise<Summary> {
    const { content, moments, bytes } = this;
    const { edits, rows } = content;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
    const last = Math.max(edits.tMs.at(-1) ?? 0, rows.at(-1)?.tMs ?? 0);
    const marks = this.marks();
    return {
      sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      sizeBytes: bytes.length,
      header: content.header as unknown as EpisodeHeader,
      files: this.files,
      headerFiles: content.files.length,
      steps: edits.count + rows.length,
      durationMs: last,
      edits: {
        count: edits.count,
        seq: edits.seq,
        tMs: edits.tMs,
        file: Uint32Array.from(edits.slow.file),
        buffer: Uint32Array.from(edits.slow.buffer),
        actor: Uint8Array.from(edits.slow.actor),
        deleted: edits.deleted,
        inserted: edits.inserted,
      },
      marks,
      outputs: this.outputs(marks),
      faults: [...content.faults, ...moments.faults],
    };
  }

  /** The steps with long texts; the lines of commands without output stand at the first of them. */
  private outputs(marks: readonly Mark[]): Mark[] {
    const { silent } = this;
    const steps = outputSteps(this.content.rows);
    return marks.flatMap((mark) => {
      if (mark.seq === silent?.seq) return [{ ...mark, label: silent.label, good: null }];
      return steps.has(mark.seq) ? [mark] : [];
    });
  }

  private textsOf(seq: number): LongText[] {
    return seq === this.silent?.seq ? [this.silent.text] : longTextsOf(this.row(seq));
  }

  private marks(): Mark[] {
    const { edits, rows } = this.content;
    const marks: Mark[] = [];
    let nextMs = Infinity;
    let edit = edits.count - 1;
    for (const row of [...rows].reverse()) {
      for (; edit >= 0 && (edits.seq[edit] ?? 0) > row.seq; edit--) nextMs = edits.tMs[edit] ?? 0;
      marks.push(markOf(row, this.fileOf, nextMs));
      if (row.kind !== "gap") nextMs = row.tMs;
    }
    return marks.reverse();
  }

  /** What makes the first search as fast as the others. */
  prepare(): void {
    this.searching.prepare();
  }

  row(seq: number): Row {
    const { rows, edits } = this.content;
    const place = firstAbove(rows.length, (n) => (rows[n]?.seq ?? 0) >= seq);
    const row = rows[place];
    if (row?.seq === seq) return row;
    const edit = edits.seq[seq - place] === seq ? seq - place : edits.seq.indexOf(seq);
    if (edit < 0) throw new Error(`there is no step ${seq}`);
    return this.editRow(edit);
  }

  private editRow(n: number): Row {
    const { edits, header, files, evidence } = this.content;
    const slow = (name: keyof typeof edits.slow): number => edits.slow[name][n] ?? 0;
    const sources = header["sources"];
    const fields: Record<string, Value> = {
      kind: "edit",
      t_kind: TIME_KINDS[slow("t_kind")] ?? "event",
      source: (Array.isArray(sources) ? sources[slow("source")] : null) ?? "",
      actor: {
        class: ACTORS[slow("actor")] ?? "unknown",
        basis: BASES[slow("basis")] ?? "none",
        evidence: [...(evidence[slow("evidence")] ?? [])],
      },
      path: files[slow("file")] ?? "",
      buffer: slow("buffer"),
      n: n + 1,
      start: edits.start[n] ?? 0,
      deleted: edits.deleted[n] ?? 0,
      text: stringOf(edits.text, edits.textStarts[n], edits.textStarts[n + 1]),
    };
    for (const name of ["txn", "version", "cursor", "task"] as const) {
      if (slow(name) >= 0) fields[name] = slow(name);
    }
    if (slow("batch_ns") > 0) fields["batch_ns"] = slow("batch_ns");
    return { seq: edits.seq[n] ?? 0, tMs: edits.tMs[n] ?? 0, kind: "edit", fields };
  }

  fileAt(file: number, seq: number): FileState {
    const found = this.moments.fileAt(this.files[file] ?? "", seq);
    const isBuffer = found.life !== null;
    if (found.state === null) {
      const { absence, sizeBytes } = found;
      return { file, seq, text: null, absence, sizeBytes, isBuffer, born: [], cursor: -1 };
    }
    const recorded = stringOf(found.state.points);
    const shown = linearise(recorded);
    const units = unitPlaces(recorded, found.state.points.length);
    const place = (point: number): number => shownPlace(shown, units(point));
    return {
      file,
      seq,
      text: shown.text,
      absence: "",
      sizeBytes: 0,
      isBuffer,
      born: this.born(found, seq, place),
      cursor: this.cursor(found, place),
    };
  }

  /** What the session's edits brought of a text; neighbours of one actor and age put together. */
  private born(found: FileMoment, seq: number, place: (point: number) => number): BornSpan[] {
    const spans: BornSpan[] = [];
    const births = found.state?.births ?? new Uint32Array();
    const life = found.textLife;
    if (life === null) return spans;
    const { tMs, slow } = this.content.edits;
    const now = this.timeOf(seq);
    let from = 0;
    let actor = -1;
    let isRecent = false;
    const end = (to: number): void => {
      if (actor < 0 || spans.length >= MOST_SPANS) return;
      spans.push({ from: place(from), to: place(to), actor: ACTORS[actor] ?? "unknown", isRecent });
    };
    for (let at = 0; at <= births.length; at++) {
      const birth = births[at] ?? 0;
      const edit = life.edits[birth - 1] ?? 0;
      const nextActor = birth === 0 ? -1 : (slow.actor[edit] ?? 11);
      const nextRecent =
        birth > 0 && (birth === found.edits || now - (tMs[edit] ?? 0) <= RECENT_MS);
      if (at < births.length && nextActor === actor && nextRecent === isRecent) continue;
      end(at);
      from = at;
      actor = nextActor;
      isRecent = nextRecent;
    }
    return spans;
  }

  private cursor(found: FileMoment, place: (point: number) => number): number {
    const { textLife, edits: count, state } = found;
    if (textLife === null || count === 0 || state === null) return -1;
    const edit = textLife.edits[count - 1] ?? 0;
    const { start, inserted } = this.content.edits;
    return place(Math.min((start[edit] ?? 0) + (inserted[edit] ?? 0), state.points.length));
  }

  private timeOf(seq: number): number {
    const { rows, edits } = this.content;
    const row = firstAbove(rows.length, (n) => (rows[n]?.seq ?? 0) > seq);
    const edit = firstAbove(edits.count, (n) => (edits.seq[n] ?? 0) > seq);
    return Math.max(rows[row - 1]?.tMs ?? 0, edits.tMs[edit - 1] ?? 0);
  }

  filesAt(seq: number): number[] {
    return this.files.flatMap((path, file) => (this.moments.exists(path, seq) ? [file] : []));
  }

  changed(from: number, to: number): ChangedFile[] {
    return this.files.flatMap((path, file) => {
      const arrival = this.moments.origins.of(path);
      // What was there before is compared with what it was when it was first seen.
      const isLate = arrival !== null && arrival.seq > from && arrival.seq <= to;
      const wasSeq = isLate && arrival.origin === "there" ? arrival.seq : from;
      if (this.moments.contentKey(path, wasSeq) === this.moments.contentKey(path, to)) return [];
      const was = this.moments.fileAt(path, wasSeq);
      const is = this.moments.fileAt(path, to);
      const text = (one: FileMoment): string =>
        one.state === null ? "" : stringOf(one.state.points);
      const [before, after] = [text(was), text(is)];
      if (before === after && was.absence === is.absence) return [];
      const counts = lineCounts(before, after);
      const state = stateOf(was, is, isLate ? arrival.origin : null);
      return [{ file, ...counts, wasSeq, was: kindOf(was), is: kindOf(is), state }];
    });
  }

  outputParts(seq: number): OutputPart[] {
    return this.textsOf(seq).map(({ text: _, ...part }, n) => ({
      ...part,
      lines: this.linesOf(seq)[n]?.count ?? 0,
    }));
  }

  outputLines(seq: number, part: number, from: number, count: number): string[] {
    return this.linesOf(seq)[part]?.slice(from, count) ?? [];
  }

  outputPlace(seq: number, field: FieldPlace): OutputPlace | null {
    return outputPlace(this.textsOf(seq), this.linesOf(seq), field);
  }

  /** The lines of a step's long texts; those of one step are kept. */
  private linesOf(seq: number): readonly LinesOf[] {
    if (this.lines?.seq !== seq) {
      const parts = this.textsOf(seq).map(({ text }) => new LinesOf(text));
      this.lines = { seq, parts };
    }
    return this.lines.parts;
  }

  spanOf(file: number, seq: number, from: number, to: number): NamedSpan | null {
    const found = this.moments.fileAt(this.files[file] ?? "", seq);
    if (found.state === null || file >= this.content.files.length) return null;
    const recorded = stringOf(found.state.points);
    const shown = linearise(recorded);
    const low = recordedPlace(shown, from);
    let high = recordedPlace(shown, to);
    // An end within something spelled out takes all of it.
    if (high === recordedPlace(shown, to - 1)) high++;
    const start = pointsOf(recorded.slice(0, low)).length;
    const value = recorded.slice(low, high);
    const length = pointsOf(value).length;
    if (length === 0) return null;
    const buffer = found.life?.buffer ?? null;
    return { span: { after_seq: Math.max(seq, 0), file, buffer, start, length }, value };
  }

  search(query: SearchQuery): SearchResult {
    return this.searching.run(query);
  }

  deleted(): DeletedText[] {
    return deletedTexts(this.moments, this.files).map(({ path, whole, ...one }) => ({
      ...one,
      file: this.fileOf(path),
      text: linear(whole),
    }));
  }
}

/** Translates places in code points into places in code units. */
function unitPlaces(text: string, points: number): (point: number) => number {
  if (text.length === points) return (point) => point;
  const units = new Uint32Array(points + 1);
  let unit = 0;
  for (let point = 0; point < points; point++) {
    units[point] = unit;
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  units[points] = text.length;
  return (point) => units[point] ?? text.length;
}

function kindOf({ absence }: FileMoment): "text" | "none" {
  return absence === "gone" || absence === "unknown" ? "none" : "text";
}

/** What a list says of a file besides its lines; `origin` of one that came between the moments. */
function stateOf(was: FileMoment, is: FileMoment, origin: Origin | null): ChangedFile["state"] {
  if (kindOf(is) === "none") return "gone";
  if (kindOf(was) === "text") return "";
  if (origin === "renamed") return "renamed";
  return origin === "seen" ? "first seen" : "new";
}
