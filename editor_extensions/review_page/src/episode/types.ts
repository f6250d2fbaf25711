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
  /** Of gaps, commands and test runs: how long. */
  readonly durationMs: number;
  /** Whether it has an output, messages or other long text: then `outputs` lists it. */
  readonly hasOutput: boolean;
}

/** One long text of a step: an output, a message of a test, an agent's words. */
export interface OutputPart {
  readonly seq: number;
  readonly tMs: number;
  readonly kind: string;
  readonly label: string;
  /** JSON pointer into the step, as plans name fields: `/output/head`. */
  readonly field: string;
  readonly characters: number;
  readonly good: boolean | null;
}

/** What opening an episode gives at once. */
export interface Summary {
  /** Of the bytes that were read, in hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly header: EpisodeHeader;
  readonly files: readonly string[];
  /** Number of all steps. */
  readonly steps: number;
  readonly durationMs: number;
  readonly edits: EditColumns;
  readonly marks: readonly Mark[];
  readonly outputs: readonly OutputPart[];
  /** What is damaged, one line each; signing is refused when there is any. */
  readonly faults: readonly string[];
}

/** Characters that one edit brought, in the text as it is at a moment; code units of the text. */
export interface BornSpan {
  readonly from: number;
  readonly to: number;
  readonly actor: Actor;
  readonly seq: number;
}

export interface FileState {
  readonly file: number;
  readonly seq: number;
  /** Null: no file, or nothing known of it. */
  readonly text: string | null;
  /** Why there is no text: "gone", "unknown", "withheld", "binary"; else "". */
  readonly absence: "" | "gone" | "unknown" | "withheld" | "binary";
  /** Of binary files. */
  readonly sizeBytes: number;
  /** Whether the text is an editor's buffer rather than the disk. */
  readonly isBuffer: boolean;
  /** What the latest edits brought, newest last; at most 2,000. */
  readonly born: readonly BornSpan[];
  /** Where the latest edit happened, in code units, or -1. */
  readonly cursor: number;
}

/** Where a search found something. */
export interface Hit {
  /** "alive": in the state named; "deleted": typed and gone by the end; "step": in a step. */
  readonly where: "text" | "deleted" | "step" | "name";
  readonly seq: number;
  readonly tMs: number;
  readonly file: number;
  /** JSON pointer, for steps. */
  readonly field: string;
  /** A line around it, not linearised, and where in it the hit lies. */
  readonly context: string;
  readonly start: number;
  readonly length: number;
}

export interface SearchResult {
  readonly hits: readonly Hit[];
  /** All of them, also those that are not listed. */
  readonly count: number;
  readonly isComplete: boolean;
}

/** Text that was once in a file and was taken away. */
export interface DeletedText {
  readonly file: number;
  readonly actor: Actor;
  /** The edits that brought its first and took its last character. */
  readonly bornSeq: number;
  readonly goneSeq: number;
  readonly tMs: number;
  readonly text: string;
}

/** An opened episode. All work is done in a worker; a newer question of the same kind wins. */
export interface OpenEpisode {
  readonly summary: Summary;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The whole step: what `signoff show --steps` prints, edits too. */
  row(seq: number): Promise<Row>;
  fileAt(file: number, seq: number): Promise<FileState>;
  /** Which files exist at a moment, by place in `files`. */
  filesAt(seq: number): Promise<readonly number[]>;
  /** Which files changed between two moments, each with lines added and removed. */
  changed(from: number, to: number): Promise<readonly ChangedFile[]>;
  output(seq: number, field: string): Promise<string>;
  search(query: SearchQuery): Promise<SearchResult>;
  deleted(): Promise<readonly DeletedText[]>;
  close(): void;
}

export interface ChangedFile {
  readonly file: number;
  readonly added: number;
  readonly removed: number;
  readonly was: "text" | "none";
  readonly is: "text" | "none";
}

export interface SearchQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly isPattern: boolean;
}
