import { asText } from "../standing";
import type { VerbResult } from "../verbs";

/** A moment of a session, as the program names it. */
export interface Moment {
  readonly session: string;
  /** What `--at` takes. */
  readonly at: string;
  /** RFC 3339. */
  readonly time: string;
  /** What lay on disk then, under the unsaved text of an editor. */
  readonly isDisk: boolean;
}

/** A state of a file that is worth having, newest first from `signoff restore PATH --json`. */
export interface Point extends Moment {
  readonly why: string;
  /** Lines that the file would gain and lose, against the file on disk. */
  readonly added: number;
  readonly removed: number;
  /** Only the sealed episode is left, in which values are masked. */
  readonly isMasked: boolean;
}

/** One place that `signoff find TEXT --json` names, newest first. */
export interface Hit extends Moment {
  /** `edit` for text in a file, else the kind of the step that says it. */
  readonly kind: string;
  /** Relative to `root`; undefined for what was said in no file. */
  readonly path: string | undefined;
  /** From 1, at that moment. */
  readonly line: number | undefined;
  readonly isDeleted: boolean;
  /** Absolute path of the workspace, a folder or a single file. */
  readonly root: string;
  readonly text: string;
}

type Row = VerbResult["rows"][number];

/** Read the rows of `signoff restore PATH --json`; what names no moment is left out. */
export function readPoints(rows: readonly Row[]): readonly Point[] {
  return rows.filter(namesMoment).map((row) => ({
    ...moment(row),
    why: linear(row["why"]),
    added: asCount(row["added"]),
    removed: asCount(row["removed"]),
    isMasked: row["view"] === "masked",
  }));
}

/** Read the rows of `signoff find TEXT --json`; what names no moment is left out. */
export function readHits(rows: readonly Row[]): readonly Hit[] {
  return rows.filter(namesMoment).map((row) => ({
    ...moment(row),
    kind: asText(row["kind"]),
    path: typeof row["path"] === "string" ? row["path"] : undefined,
    line: typeof row["line"] === "number" ? row["line"] : undefined,
    isDeleted: row["deleted"] === true,
    root: asText(row["root"]),
    text: linear(row["text"]),
  }));
}

function namesMoment(row: Row): boolean {
  return asText(row["session"]) !== "" && asText(row["at"]) !== "";
}

function moment(row: Row): Moment {
  return {
    session: asText(row["session"]),
    at: asText(row["at"]),
    time: asText(row["t"]),
    isDisk: row["disk"] === true,
  };
}

function asCount(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Recorded text on one line: controls and marks that reorder or hide text are a dot each. */
export function visible(value: unknown): string {
  return asText(value)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u00b7")
    .trim();
}

/** The same for a quick pick, in which nothing of it becomes an icon (threat 31). */
export function linear(value: unknown): string {
  return visible(value).replaceAll("$(", "\\$(");
}

/** Day and time to the second of an RFC 3339 time, as this machine writes them. */
export function clockTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  return Number.isNaN(time.valueOf())
    ? linear(rfc3339)
    : time.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}
