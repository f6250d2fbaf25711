// Overview: figures as sentences and bars.
import { observedWords } from "../episode/shown_words";
import type { Summary } from "../episode/types";
import { greenByEnd } from "../episode/verdicts";
import type { Plan, StepSpan } from "../schemas/plan";
import type { AuthorRow, Overview, TestsRow } from "./contract";
import { holds } from "./day";
import { count, duration, listed, share, size } from "./words";

/** What masks promise and what they do not, as the notice says it. */
export const MASKS_PROMISE =
  "No run of six or more characters of a masked value is in the file. Two things stay: one or two " +
  "ordinary words that are a password in one place are masked there, and are words elsewhere; and " +
  "text of a base that you called public stays as everybody has it.";

/** What is in it, in one breath. */
export function headline(overview: Overview): string {
  const edited = overview.files.filter((file) => file.edits > 0).length;
  const said = [
    duration(overview.duration_ns),
    overview.edits === 0
      ? "no edits"
      : `${count(overview.edits, "edit")} in ${count(edited, "file")}`,
    ...(overview.tests.length > 0 ? [count(overview.tests.length, "test run")] : []),
    ...(overview.commands.length > 0 ? [count(overview.commands.length, "command")] : []),
    ...(overview.git.length > 0 ? [count(overview.git.length, "git operation")] : []),
    size(overview.sizes.shared_bytes),
    ...(overview.base_tree === null
      ? []
      : [`with ${count(overview.base_tree.files, "file")} of the base commit`]),
  ];
  return said.join(" · ");
}

const AUTHORS: Readonly<Record<string, string>> = {
  typed: "you, by keys",
  pasted: "pasted",
  command: "editor commands",
  completion: "completions",
  undo: "undo",
  redo: "redo",
  formatter: "formatter",
  assistant: "assistant",
  git: "git",
  external: "other programs",
  preexisting: "there before",
  unknown: "unknown",
};

export interface Author {
  readonly name: string;
  readonly words: string;
  readonly written: number;
  readonly surviving: number;
  /** Of all that was written meanwhile; "" for what was there before. */
  readonly share: string;
  readonly fraction: number;
}

/** Who or what wrote how much: one line each, the most first. What was there before nobody wrote
 * here: it comes last and has no share. */
export function authorsOf(rows: readonly AuthorRow[]): Author[] {
  const isBefore = (name: string): boolean => name === "preexisting";
  const whole = rows.reduce((sum, row) => sum + (isBefore(row.class) ? 0 : row.written), 0);
  const names = [...new Set(rows.map((row) => row.class))];
  return names
    .map((name) => {
      const mine = rows.filter((row) => row.class === name);
      const written = mine.reduce((sum, row) => sum + row.written, 0);
      return {
        name,
        words: AUTHORS[name] ?? name,
        written,
        surviving: mine.reduce((sum, row) => sum + row.surviving, 0),
        share: isBefore(name) ? "" : share(written, whole),
        fraction: isBefore(name) || whole === 0 ? 0 : written / whole,
      };
    })
    .filter((author) => author.written > 0 || author.surviving > 0)
    .sort((a, b) => Number(isBefore(a.name)) - Number(isBefore(b.name)) || b.written - a.written);
}

/** Whether a test run was green, by its cases or else by its end; null when it says nothing. */
export function isGreen(row: TestsRow): boolean | null {
  if (row.failed + row.errors > 0) return false;
  if (row.exit_code === null) return row.passed > 0 ? true : null;
  return greenByEnd(row.framework, row.exit_code);
}

/** The mark beside a test run: its class and its word. */
export function verdictPill(row: TestsRow): readonly [string, string] {
  const verdict = isGreen(row);
  if (verdict === null) return ["pill", "no result"];
  return verdict ? ["pill good", "green"] : ["pill bad", "red"];
}

/** "3 passed, 1 failed". */
export function testsLine(row: TestsRow): string {
  const said = [
    ...(row.passed > 0 ? [`${row.passed} passed`] : []),
    ...(row.failed > 0 ? [`${row.failed} failed`] : []),
    ...(row.errors > 0 ? [`${row.errors} with errors`] : []),
    ...(row.skipped > 0 ? [`${row.skipped} skipped`] : []),
  ];
  const cases = said.length === 0 ? "no results" : listed(said);
  return [
    cases,
    ...(row.runnable === false ? ["cannot be run again from this"] : []),
    ...(row.services.length > 0 ? [`beside it ran ${listed(row.services)}`] : []),
  ].join("; ");
}

/** What no source saw at all, and what only in part. */
export function unseenOf(overview: Overview): { none: string[]; partial: string[] } {
  const at = (level: string): string[] =>
    overview.observability
      .filter((one) => one.level === level)
      .map((one) => observedWords(one.what));
  return { none: at("none"), partial: at("partial") };
}

/** How far the replay was compared with what was on disk. */
export function checkWords(check: Overview["check"]): string {
  if (check.checkpoints === 0) return "There was no save to compare the replay with.";
  const said = `${check.matched} of ${count(check.checkpoints, "checkpoint")} matched the replay`;
  const resyncs = check.resyncs > 0 ? `; ${count(check.resyncs, "place")} had to be corrected` : "";
  return `${said}${resyncs}.`;
}

const GAPS: Readonly<Record<string, string>> = {
  withheld: "not told",
  away: "away",
  idle: "idle",
  crashed: "the editor stopped",
  dropped: "not recorded in time",
  redacted: "masked",
  too_large: "too large",
};

/** Why there is a gap. */
export function gapWords(reason: string): string {
  return GAPS[reason] ?? reason;
}

/**
 * The base's numbers of the kept steps of a kind, in order: the n-th of them is the n-th of the
 * preview, as long as there are as many; else null, and nothing can be cut by it.
 */
export function baseSteps(
  base: Summary,
  spans: readonly StepSpan[],
  plan: Plan,
  kind: string,
  previewed: number,
): readonly number[] | null {
  const cut = plan.cut_ranges ?? [];
  const found = base.marks
    .filter((mark) => mark.kind === kind && holds(spans, mark.seq) && !holds(cut, mark.seq))
    .map((mark) => mark.seq);
  return found.length === previewed ? found : null;
}
