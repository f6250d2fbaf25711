/** What a reader of an episode hands out. Everything recorded is hostile: show it through `linear`. */
import type { EpisodeHeader } from "../schemas/header";

/** A value as MessagePack holds it. */
export type Value = null | boolean | number | string | Uint8Array | Value[] | ValueMap;
export interface ValueMap {
  readonly [name: string]: Value;
}

/** A step that is no edit, as it lies in the file: nobody has checked its fields. */
export interface Row {
  readonly seq: number;
  readonly tMs: number;
  readonly kind: string;
  readonly fields: ValueMap;
}

export const ACTORS = [
  "typed",
  "pasted",
  "command",
  "completion",
  "undo",
  "redo",
  "formatter",
  "assistant",
  "git",
  "external",
  "preexisting",
  "unknown",
] as const;
export type Actor = (typeof ACTORS)[number];

/** Edits in order of time, one entry each; cheap to send from the worker. */
export interface EditColumns {
  readonly count: number;
  readonly seq: Uint32Array;
  readonly tMs: Float64Array;
  readonly file: Uint16Array | Uint32Array;
  readonly buffer: Uint32Array;
  /** Place in `ACTORS`. */
  readonly actor: Uint8Array;
  readonly deleted: Uint32Array;
  readonly inserted: Uint32Array;
}

/** Lanes of the timeline, in the order they are drawn. */
export const LANES = [
  "edits",
  "views",
  "diagnostics",
  "commands",
  "tests",
  "git",
  "agents",
  "notes",
  "gaps",
] as const;
export type Lane = (typeof LANES)[number];

/** One step that is no edit, short enough to have all of them in the page. */
export interface Mark {
  readonly seq: number;
  readonly tMs: number;
  readonly kind: string;
  /** Null: of no lane, such as `close`. */
  readonly lane: Lane | null;
  /** Place of its path in `files`, or -1. */
  readonly file: number;
  /** What it says in a line, linearised already. */
  readonly label: string;
  /** Of test runs and commands: whether it went well. */
  readonly good: boolean | null;
  /** From when to when: a gap begins at its step, a command and a test run end there. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One long text of a step: an output, a message of a test, an agent's words. */
export interface OutputPart {
  /** JSON pointer into the step, as plans name fields: `/output/head`. */
  readonly field: string;
  /** Our own words for it, such as "what it printed first". */
  readonly title: string;
  /** Linearised name of what it belongs to, such as a test; else "". */
  readonly of: string;
  readonly characters: number;
  /** What was left out behind it, "" for nothing. */
  readonly gap: string;
  /** How many lines it is shown on; a line of more than 2,000 characters is several. */
  readonly lines: number;
}

/** What opening an episode gives at once. */
export interface Summary {
  /** Of the bytes that were read, in hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly header: EpisodeHeader;
  /** Paths: first those of the header, which plans count, then any that only steps name. */
  readonly files: readonly string[];
  readonly headerFiles: number;
  /** Number of all steps. */
  readonly steps: number;
  readonly durationMs: number;
  readonly edits: EditColumns;
  readonly marks: readonly Mark[];
  /** Those of them that have an output, messages or other long text. */
  readonly outputs: readonly Mark[];
  /** What is damaged, one line each; signing is refused when there is any. */
  readonly faults: readonly string[];
}

/** Characters that edits of one actor brought, in the text as it is shown; code units of it. */
export interface BornSpan {
  readonly from: number;
  readonly to: number;
  readonly actor: Actor;
  /** Whether they came within the last half minute of the moment, or with its last edit. */
  readonly isRecent: boolean;
}

export interface FileState {
  readonly file: number;
  readonly seq: number;
  /** As it is shown, linearised. Null: no file, or nothing known of it. */
  readonly text: string | null;
  /** Why there is no text; "" where there is one. */
  readonly absence: "" | "gone" | "unknown" | "withheld" | "binary" | "damaged";
  /** Of binary files. */
  readonly sizeBytes: number;
  /** Whether the text is an editor's buffer rather than the disk. */
  readonly isBuffer: boolean;
  /** What the session's edits brought, by place; neighbours of one actor put together. */
  readonly born: readonly BornSpan[];
  /** Where the latest edit happened, in code units of what is shown, or -1. */
  readonly cursor: number;
}

/** A part of a text as plans name it; offsets in code points. */
export interface TextSpan {
  readonly after_seq: number;
  readonly file: number;
  readonly buffer: number | null;
  readonly start: number;
  readonly length: number;
}

/** Where a search found something. */
export interface Hit {
  /** "text": in a file, still there at the end of its buffer or on disk; "deleted": typed or
   *  opened and taken away later; "step": in another field of a step; "name": a file's name. */
  readonly where: "text" | "deleted" | "step" | "name";
  /** The step after which it is there. */
  readonly seq: number;
  readonly tMs: number;
  /** The step that took it away, or -1. */
  readonly goneSeq: number;
  /** Place in `files`, or -1. */
  readonly file: number;
  /** Kind of the step and JSON pointer, for steps. */
  readonly kind: string;
  readonly field: string;
  /** What stands before, in and behind it on its line, linearised. */
  readonly before: string;
  readonly found: string;
  readonly behind: string;
  /** In how many more steps the same text stands. */
  readonly more: number;
}

export interface SearchResult {
  readonly hits: readonly Hit[];
  /** All of them, also those that are not listed. */
  readonly count: number;
  readonly isComplete: boolean;
}

/** Text of a file that no last state shows. */
export interface DeletedText {
  readonly file: number;
  readonly actor: Actor;
  /** A step after which it is there. */
  readonly shownSeq: number;
  /** The edit that took its last character, or closed it; the step that brought its version. */
  readonly goneSeq: number;
  /** When that was. */
  readonly tMs: number;
  /** Linearised, whole. */
  readonly text: string;
  readonly characters: number;
  /** Taken away; replaced by another version; closed unsaved; `count` too short for own rows. */
  readonly why: "deleted" | "between" | "unsaved" | "shorter";
  readonly count: number;
}

/** A part of a string of a step as plans name it; offsets in code points. */
export interface FieldSpan {
  readonly seq: number;
  readonly field: string;
  readonly start: number;
  readonly length: number;
}

/** An opened episode. All work is done in a worker; a newer question of the same kind wins. */
/** A place in a field of a step, by what stands around it. */
export interface FieldPlace {
  /** JSON pointer. */
  readonly field: string;
  /** Recorded text on its line, as it stands there; empty for none. */
  readonly context: string;
  /** Characters in `context`. */
  readonly start: number;
  readonly length: number;
}

/** A line of a long text of a step. */
export interface OutputPlace {
  readonly part: number;
  readonly line: number;
  /** What is meant on it, linearised; empty for none. */
  readonly hit: string;
}

export interface OpenEpisode {
  readonly summary: Summary;
  /** The whole step: what `signoff show --steps` prints, edits too. */
  row(seq: number): Promise<Row>;
  fileAt(file: number, seq: number): Promise<FileState>;
  /** Which files exist at a moment, by place in `files`, and which of them is looked at. */
  filesAt(seq: number): Promise<readonly number[]>;
  /** Which files changed between two moments, each with lines added and removed. */
  changed(from: number, to: number): Promise<readonly ChangedFile[]>;
  /** The long texts of a step. */
  outputParts(seq: number): Promise<readonly OutputPart[]>;
  /** Some lines of one of them as they are shown. */
  outputLines(seq: number, part: number, from: number, count: number): Promise<readonly string[]>;
  /** Where a place in a field stands in the long texts of a step; null: in none of them. */
  outputPlace(seq: number, field: FieldPlace): Promise<OutputPlace | null>;
  /** What a stretch of a shown file is called in a plan, and what it holds, not linearised. */
  spanOf(file: number, seq: number, from: number, to: number): Promise<NamedSpan | null>;
  search(query: SearchQuery): Promise<SearchResult>;
  deleted(): Promise<readonly DeletedText[]>;
  close(): void;
}

export interface NamedSpan {
  readonly span: TextSpan;
  readonly value: string;
}

export interface ChangedFile {
  readonly file: number;
  readonly added: number;
  readonly removed: number;
  /** The moment it is compared with: the first, or when a file from before was first seen. */
  readonly wasSeq: number;
  readonly was: "text" | "none";
  readonly is: "text" | "none";
  /** First seen: on disk, and no step says whether it was there before. */
  readonly state: "" | "new" | "first seen" | "renamed" | "gone";
}

export interface SearchQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly isPattern: boolean;
}
