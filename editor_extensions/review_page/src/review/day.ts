// The day as a list of tasks: what the server proposes, how the person parted it, what is kept.
import type { Mark, Summary } from "../episode/types";
import type { Plan, StepSpan } from "../schemas/plan";
import type { Outcome, PartingRow, Proposal, Why } from "./contract";
import { keepsOf, spansOf, type Keep } from "./plan_edits";
import { count, duration, elapsed } from "./words";

/** How a person parted what is not kept: where further tasks begin, and where none does. */
export interface Parting {
  readonly begins: ReadonlySet<number>;
  readonly joined: ReadonlySet<number>;
}

export const AS_PROPOSED: Parting = { begins: new Set(), joined: new Set() };

/** As the server keeps it. */
export function partingRow(parting: Parting): PartingRow {
  const inOrder = (places: ReadonlySet<number>): number[] => [...places].sort((a, b) => a - b);
  return { begins: inOrder(parting.begins), joined: inOrder(parting.joined) };
}

/** As it was kept. */
export function partingOf(row: PartingRow): Parting {
  return { begins: new Set(row.begins), joined: new Set(row.joined) };
}

/** One line of the list. */
export interface Row {
  /** Stable while the steps are: for keys and focus. */
  readonly id: string;
  readonly spans: readonly StepSpan[];
  /** Place in `plan.keeps`, or null: not kept. */
  readonly keep: number | null;
  readonly title: string;
  /** Whether the title is the developer's, not proposed. */
  readonly isNamed: boolean;
  readonly outcome: Outcome | null;
  readonly why: readonly Why[];
}

/** What happened in some steps. */
export interface Facts {
  readonly startMs: number;
  readonly endMs: number;
  readonly edits: number;
  readonly files: number;
  readonly tests: readonly boolean[];
  readonly commits: number;
  readonly commands: number;
}

/** All rows, in the order in which they happened. Kept and not kept ones never overlap. */
export function rowsOf(proposals: readonly Proposal[], plan: Plan, parting: Parting): Row[] {
  const kept = keepsOf(plan).map((keep, place) => keptRow(keep, place, proposals));
  const covered = kept.flatMap((row) => [...row.spans]);
  const open = pieces(proposals, parting).flatMap((piece) =>
    without(piece, covered).map((span) => openRow(span, proposals)),
  );
  return [...kept, ...open].sort((a, b) => firstOf(a) - firstOf(b));
}

function keptRow(keep: Keep, place: number, proposals: readonly Proposal[]): Row {
  const named = spansOf(keep);
  const spans =
    "task" in keep ? proposals.filter((one) => one.task === keep.task).map(spanOf) : named;
  const inside = within(proposals, spans);
  return {
    id: `keep-${place}`,
    spans,
    keep: place,
    title: keep.title ?? titleOf(inside),
    isNamed: keep.title !== null && keep.title !== undefined,
    outcome: keep.outcome ?? null,
    why: inside.flatMap((one) => one.why),
  };
}

function openRow(span: StepSpan, proposals: readonly Proposal[]): Row {
  const inside = within(proposals, [span]);
  return {
    id: `steps-${span.from_seq}`,
    spans: [span],
    keep: null,
    title: titleOf(inside),
    isNamed: false,
    outcome: inside.at(-1)?.outcome ?? null,
    why: inside.flatMap((one) => one.why),
  };
}

function pieces(proposals: readonly Proposal[], parting: Parting): StepSpan[] {
  const made: StepSpan[] = [];
  for (const one of proposals) {
    const begins = [...parting.begins].filter((at) => at > one.from_seq && at <= one.to_seq);
    for (const at of [one.from_seq, ...begins.toSorted((a, b) => a - b)]) {
      const last = made.at(-1);
      if (last !== undefined && parting.joined.has(at)) continue;
      if (last !== undefined) last.to_seq = at - 1;
      made.push({ from_seq: at, to_seq: one.to_seq });
    }
    const last = made.at(-1);
    if (last !== undefined) last.to_seq = one.to_seq;
  }
  return made;
}

/** What is left of a span without others. */
export function without(span: StepSpan, others: readonly StepSpan[]): StepSpan[] {
  let left = [span];
  for (const other of others) {
    left = left.flatMap((one) => {
      if (other.to_seq < one.from_seq || other.from_seq > one.to_seq) return [one];
      const before = { from_seq: one.from_seq, to_seq: other.from_seq - 1 };
      const after = { from_seq: other.to_seq + 1, to_seq: one.to_seq };
      return [before, after].filter((part) => part.from_seq <= part.to_seq);
    });
  }
  return left;
}

function within(proposals: readonly Proposal[], spans: readonly StepSpan[]): Proposal[] {
  return proposals.filter((one) =>
    spans.some((span) => one.from_seq <= span.to_seq && one.to_seq >= span.from_seq),
  );
}

function titleOf(inside: readonly Proposal[]): string {
  const titles = [...new Set(inside.map((one) => one.title))];
  const [first = "steps of no task"] = titles;
  return titles.length > 1 ? `${first} and ${count(titles.length - 1, "more task")}` : first;
}

const spanOf = (one: StepSpan): StepSpan => ({ from_seq: one.from_seq, to_seq: one.to_seq });

/** The first step of a row. */
export function firstOf(row: Row): number {
  return row.spans[0]?.from_seq ?? 0;
}

/** The last step of a row. */
export function lastOf(row: Row): number {
  return row.spans.at(-1)?.to_seq ?? 0;
}

/** Whether a step belongs to a row. */
export function holds(spans: readonly StepSpan[], seq: number): boolean {
  return spans.some((span) => seq >= span.from_seq && seq <= span.to_seq);
}

/** What happened in the steps of some spans. */
export function factsOf(summary: Summary, spans: readonly StepSpan[]): Facts {
  const marks = summary.marks.filter((mark) => holds(spans, mark.seq));
  const files = new Set<number>();
  let [startMs, endMs, edits] = [Infinity, 0, 0];
  for (const mark of marks) {
    startMs = Math.min(startMs, mark.tMs);
    endMs = Math.max(endMs, mark.tMs);
  }
  const columns = summary.edits;
  for (const span of spans) {
    const low = lowerBound(columns.seq, span.from_seq);
    const high = lowerBound(columns.seq, span.to_seq + 1);
    edits += high - low;
    for (let at = low; at < high; at++) files.add(columns.file[at] ?? 0);
    if (high > low) {
      startMs = Math.min(startMs, columns.tMs[low] ?? 0);
      endMs = Math.max(endMs, columns.tMs[high - 1] ?? 0);
    }
  }
  return {
    startMs: Number.isFinite(startMs) ? startMs : 0,
    endMs,
    edits,
    files: files.size,
    tests: marks.flatMap((mark) =>
      mark.kind === "tests" && mark.good !== null ? [mark.good] : [],
    ),
    commits: marks.filter(isCommit).length,
    commands: marks.filter((mark) => mark.kind === "command").length,
  };
}

function isCommit(mark: Mark): boolean {
  return mark.kind === "git" && /\bcommit/.test(mark.label);
}

/** One readable line: "25 min · 412 edits in 3 files · tests red, then green · 1 commit". */
export function factsLine(facts: Facts): string {
  const said = [duration((facts.endMs - facts.startMs) * 1e6)];
  if (facts.edits > 0) {
    said.push(`${count(facts.edits, "edit")} in ${count(facts.files, "file")}`);
  }
  const tests = testsWords(facts.tests);
  if (tests !== "") said.push(tests);
  if (facts.commits > 0) said.push(count(facts.commits, "commit"));
  if (facts.commands > 0) said.push(count(facts.commands, "command"));
  return said.join(" · ");
}

/** "tests green", "tests red, then green", "5 test runs, red at the end". */
export function testsWords(tests: readonly boolean[]): string {
  const last = tests.at(-1);
  if (last === undefined) return "";
  const end = last ? "green" : "red";
  if (!tests.includes(!last)) return `tests ${end}`;
  const isTurnedOnce = tests.indexOf(last) === tests.lastIndexOf(!last) + 1;
  return isTurnedOnce
    ? `tests ${last ? "red" : "green"}, then ${end}`
    : `${tests.length} test runs, ${end} at the end`;
}

/** A moment at which a task may be split in two. */
export interface Moment {
  readonly seq: number;
  readonly words: string;
}

const IDLE_MS = 5 * 60_000;
const PARTING_KINDS: ReadonlySet<string> = new Set(["tests", "git", "task", "note", "gap"]);

/** When a task begins, by the clock of the whole session: Overview tells times from there. */
export function beginMs(summary: Summary, spans: readonly StepSpan[]): number {
  const first = spans[0]?.from_seq ?? 0;
  const mark = summary.marks.find(({ seq }) => seq >= first)?.tMs ?? Infinity;
  const edit = summary.edits.tMs[summary.edits.seq.findIndex((seq) => seq >= first)] ?? Infinity;
  return Number.isFinite(Math.min(mark, edit)) ? Math.min(mark, edit) : 0;
}

/** Where a person might part a task: the step the second one begins with. */
export function partingMoments(summary: Summary, spans: readonly StepSpan[], zeroMs = 0): Moment[] {
  const first = spans[0]?.from_seq ?? 0;
  const found = new Map<number, Moment>();
  for (const mark of summary.marks) {
    const after = mark.kind === "task" ? mark.seq : mark.seq + 1;
    if (!PARTING_KINDS.has(mark.kind) || after <= first || !holds(spans, after)) continue;
    const side = mark.kind === "task" ? "before" : "after";
    const words = `${elapsed((mark.tMs - zeroMs) * 1e6)}  ${side} ${mark.kind}: ${mark.label}`;
    found.set(after, { seq: after, words });
  }
  const { seq, tMs } = summary.edits;
  for (let at = 1; at < seq.length; at++) {
    const idle = (tMs[at] ?? 0) - (tMs[at - 1] ?? 0);
    const begin = seq[at] ?? 0;
    if (idle < IDLE_MS || begin <= first || !holds(spans, begin) || found.has(begin)) continue;
    const words = `${elapsed(((tMs[at] ?? 0) - zeroMs) * 1e6)}  after ${duration(idle * 1e6)} without an edit`;
    found.set(begin, { seq: begin, words });
  }
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

/** Part what is not kept: a new task begins at this step. */
export function partAt(parting: Parting, seq: number): Parting {
  const joined = new Set(parting.joined);
  joined.delete(seq);
  return { begins: new Set([...parting.begins, seq]), joined };
}

/** Join what is not kept with what comes before it. */
export function joinAt(parting: Parting, seq: number): Parting {
  const begins = new Set(parting.begins);
  begins.delete(seq);
  return { begins, joined: new Set([...parting.joined, seq]) };
}

function lowerBound(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Heights of a small picture of a span of time: edits per bin, the highest is 1. */
export function rhythm(summary: Summary, bins: number): readonly number[] {
  const heights = new Array<number>(bins).fill(0);
  const whole = Math.max(1, summary.durationMs);
  for (const t of summary.edits.tMs) {
    const bin = Math.min(bins - 1, Math.floor((t / whole) * bins));
    heights[bin] = (heights[bin] ?? 0) + 1;
  }
  const highest = Math.max(1, ...heights);
  // The square root keeps a few edits visible beside many.
  return heights.map((height) => Math.sqrt(height / highest));
}
