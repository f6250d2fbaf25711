/** Steps in words, and what of them the timeline shows. */
import { correctionWords } from "./shown_words";
import { linear } from "./linear";
import { field, isMap, mapsOf, numberOf, textOf, textsOf } from "./message_pack";
import type { Lane, Mark, OutputPart, Row, ValueMap } from "./types";
import { greenByEnd } from "./verdicts";

const WIDTH = 80;
const SIGINT = 2;
/** Exit code of a shell's command that SIGINT ended. */
const INTERRUPTED = 130;
const LANE_OF: Readonly<Record<string, Lane>> = {
  view: "views",
  select: "views",
  focus: "views",
  search: "views",
  diagnostics: "diagnostics",
  command: "commands",
  tests: "tests",
  git: "git",
  files: "git",
  agent: "agents",
  assist: "agents",
  note: "notes",
  task: "notes",
  gap: "gaps",
  resync: "gaps",
};

/** A step as the timeline has it. `fileOf` gives a path's place, or -1; `nextMs` says when the next
 *  step that is no gap happened. */
export function markOf(row: Row, fileOf: (path: string) => number, nextMs: number): Mark {
  const [fromMs, toMs] = stretchOf(row, nextMs);
  return {
    seq: row.seq,
    tMs: row.tMs,
    kind: row.kind,
    lane: LANE_OF[row.kind] ?? null,
    file: fileOf(textOf(row.fields, "path")),
    label: labelOf(row),
    good: outcomeOf(row),
    fromMs,
    toMs,
  };
}

/** From when to when a step was (format.md, section 6). In a gap nothing was recorded, so it is over
 *  with the next step, whatever is written; of a sleep that was noticed late only its end is known. */
function stretchOf({ kind, tMs, fields }: Row, nextMs: number): [number, number] {
  const duration = Math.round(numberOf(fields, "duration_ns") / 1e6);
  if (kind !== "gap") return [Math.max(tMs - duration, 0), tMs];
  const isPast =
    textOf(fields, "reason") === "suspended" && textOf(fields, "t_kind") === "seen_late";
  return isPast ? [tMs, tMs] : [tMs, Math.min(tMs + duration, Math.max(nextMs, tMs))];
}

/** Whether a command or a test run went well; null where that is no question or not known. */
function outcomeOf({ kind, fields }: Row): boolean | null {
  if (kind === "agent" && field(fields, "failed") === true) return false;
  const code = field(fields, "exit_code");
  const ended = typeof code === "number" ? code : null;
  if (kind === "command") return ended === null || isInterrupted(fields) ? null : ended === 0;
  if (kind !== "tests") return null;
  const { bad, good } = countsOf(fields);
  if (bad > 0) return false;
  if (ended === null) return good > 0 ? true : null;
  return greenByEnd(textOf(fields, "framework"), ended);
}

interface Counts {
  bad: number;
  /** Those of them that are no failure of a test, such as files that could not be loaded. */
  errors: number;
  good: number;
  other: number;
}

/** A run of thousands of cases is counted once, not for each thing said of it. */
const counted = new WeakMap<ValueMap, Counts>();

function countsOf(fields: ValueMap): Counts {
  const known = counted.get(fields);
  if (known !== undefined) return known;
  const counts = { bad: 0, errors: 0, good: 0, other: 0 };
  for (const test of mapsOf(fields, "cases")) {
    const outcome = textOf(test, "outcome");
    if (outcome === "passed") counts.good++;
    else if (outcome === "failed" || outcome === "error") {
      counts.bad++;
      if (outcome === "error") counts.errors++;
    } else counts.other++;
  }
  counted.set(fields, counts);
  return counts;
}

/** What a step says, in a line; linearised. */
export function labelOf(row: Row): string {
  return linear(short(detailOf(row))).replaceAll("\n", "\u240a");
}

function short(text: string): string {
  const line = text.trim();
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}\u2026`;
}

function detailOf({ kind, fields }: Row): string {
  const text = (name: string): string => textOf(fields, name);
  switch (kind) {
    case "note":
      return text("stated") === "review" ? `written afterwards: ${text("text")}` : text("text");
    case "task":
      return text("text");
    case "rename":
      return `from ${text("old_path")}`;
    case "view":
      return mapsOf(fields, "visible")
        .map((span) => `lines ${numberOf(span, "first") + 1}\u2013${numberOf(span, "last") + 1}`)
        .join(", ");
    case "focus":
      return field(fields, "gained") === true
        ? "gained"
        : `lost to ${textOf(fields, "to", "other")}`;
    case "search":
      return `\u201c${text("query")}\u201d in ${text("scope")}`;
    case "diagnostics":
      return diagnosticsLine(fields);
    case "assist":
      return [text("feature"), text("outcome"), text("chosen")].filter(Boolean).join(" ");
    case "agent":
      return agentLine(fields);
    case "command":
      return `${commandLine(fields)} \u2192 ${exitOf(fields)}`;
    case "tests":
      return testsLine(fields);
    case "git":
      return `${text("operation")} ${text("message").split("\n")[0] ?? ""}`;
    case "files": {
      const count = Math.max(numberOf(fields, "changed_count"), mapsOf(fields, "changed").length);
      const files = count === 1 ? "1 file" : `${count} files`;
      return field(fields, "is_base") === true
        ? `${files} unlike the commit at the start`
        : `${files} changed on disk`;
    }
    case "resync":
      return correctionWords(text("target"), text("reason"));
    case "gap":
      return gapLine(fields);
    default:
      return "";
  }
}

function commandLine(fields: ValueMap): string {
  return textOf(fields, "line") || textsOf(fields, "argv").join(" ");
}

function diagnosticsLine(fields: ValueMap): string {
  const appeared = mapsOf(fields, "appeared");
  const cleared = mapsOf(fields, "cleared").length;
  const first = appeared[0];
  const what = first === undefined ? "" : `: ${textOf(first, "message")}`;
  return `${appeared.length} appeared, ${cleared} cleared${what}`;
}

function agentLine(fields: ValueMap): string {
  const said =
    textOf(fields, "line") || textsOf(fields, "paths").join(", ") || textOf(fields, "text");
  const failed = field(fields, "failed") === true ? "failed" : "";
  const words = [textOf(fields, "tool"), textOf(fields, "event"), textOf(fields, "tool_name")];
  return [...words, failed, said].filter(Boolean).join(" ");
}

function testsLine(fields: ValueMap): string {
  const { good, bad, errors, other } = countsOf(fields);
  const said = [
    good > 0 ? `${good} passed` : "",
    bad > errors ? `${bad - errors} failed` : "",
    errors > 0 ? (errors === 1 ? "1 error" : `${errors} errors`) : "",
    other > 0 ? `${other} other` : "",
  ].filter(Boolean);
  return `${textOf(fields, "framework")}: ${said.join(", ") || "no results"} \u2192 ${exitOf(fields)}`;
}

function gapLine(fields: ValueMap): string {
  const duration = numberOf(fields, "duration_ns");
  const long = duration > 0 ? ` for ${durationText(duration / 1e6)}` : "";
  return `${textOf(fields, "reason")}${long}`;
}

/** Whether the person stopped it (Ctrl-C): this is no failure. */
function isInterrupted(fields: ValueMap): boolean {
  return field(fields, "signal") === SIGINT || field(fields, "exit_code") === INTERRUPTED;
}

function exitOf(fields: ValueMap): string {
  if (isInterrupted(fields)) return "interrupted";
  const code = field(fields, "exit_code");
  const signal = field(fields, "signal");
  if (typeof signal === "number") return `signal ${signal}`;
  return typeof code === "number" ? `exit ${code}` : "end not seen";
}

/** A duration in words as short as `4 min 10 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** A time since the start as `h:mm:ss`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A long text of a step before it is counted in lines. */
export interface LongText extends Omit<OutputPart, "lines"> {
  readonly text: string;
}

/** The long texts of a step, in the order in which they are shown: what reviews count as output. */
export function longTextsOf({ kind, fields }: Row): LongText[] {
  const parts: LongText[] = [];
  const add = (text: string, pointer: string, title: string, of = "", gap = ""): void => {
    if (text === "") return;
    parts.push({ field: pointer, title, of: linear(of), characters: text.length, gap, text });
  };
  switch (kind) {
    case "command": {
      const output = field(fields, "output");
      if (!isMap(output)) break;
      const bytes = numberOf(output, "middle_bytes");
      const lines = numberOf(output, "middle_lines");
      const gap = bytes > 0 ? `${lines} lines, ${bytes} bytes were not kept` : "";
      add(textOf(output, "head"), "/output/head", "what it printed", "", gap);
      add(textOf(output, "tail"), "/output/tail", "the end of what it printed");
      break;
    }
    case "tests": {
      const cases = mapsOf(fields, "cases");
      cases.forEach((test, n) => {
        const pointer = `/cases/${n}/message`;
        add(textOf(test, "message"), pointer, textOf(test, "outcome"), textOf(test, "id"));
      });
      const results = cases.map(
        (test) => `${textOf(test, "outcome").padEnd(8)} ${textOf(test, "id")}`,
      );
      add(results.join("\n"), "/cases", "all results");
      break;
    }
    case "agent":
      add(textOf(fields, "line"), "/line", "its call");
      add(textsOf(fields, "paths").join("\n"), "/paths", "files");
      add(textOf(fields, "text"), "/text", "its words");
      break;
    case "git":
      add(textOf(fields, "message"), "/message", "message");
      break;
    case "task":
    case "note":
      add(textOf(fields, "text"), "/text", "words");
      break;
    case "diagnostics":
      mapsOf(fields, "appeared").forEach((one, n) => {
        add(textOf(one, "message"), `/appeared/${n}/message`, "appeared", textOf(one, "code"));
      });
      mapsOf(fields, "cleared").forEach((one, n) => {
        add(textOf(one, "message"), `/cleared/${n}/message`, "went away", textOf(one, "code"));
      });
      break;
    case "search":
      add(textOf(fields, "query"), "/query", "a search");
      add(textOf(fields, "chosen"), "/chosen", "what was chosen");
      break;
    case "assist":
      textsOf(fields, "offered").forEach((one, n) => {
        add(one, `/offered/${n}`, "offered");
      });
      add(textOf(fields, "chosen"), "/chosen", "what was chosen");
      add(textOf(fields, "inserted"), "/inserted", "what was inserted");
      break;
    default:
  }
  return parts;
}

const SAY_THE_SAME: ReadonlySet<string> = new Set(["search", "assist", "diagnostics"]);

/** The lines of all commands without output: one text, which is listed at the first of them. */
export interface SilentCommands {
  readonly seq: number;
  readonly label: string;
  readonly text: LongText;
}

/** What the commands were of which no output is kept, each line once; null where there is none. */
export function silentCommands(rows: readonly Row[]): SilentCommands | null {
  const silent = rows.filter(
    (row) => row.kind === "command" && commandLine(row.fields) !== "" && !hasLongText(row),
  );
  const first = silent[0];
  if (first === undefined) return null;
  const lines = new Set(silent.map(({ fields }) => commandLine(fields)));
  const text = [...lines].join("\n");
  const title = "their lines, each once";
  return {
    seq: first.seq,
    label: `${lines.size} ${lines.size === 1 ? "command" : "commands"} with no output recorded`,
    text: { field: "/line", title, of: "", characters: text.length, gap: "", text },
  };
}

/** The steps that a review lists as outputs, but for silent commands: a search or an offer that says
 *  nothing new is none. The program lists the same: `outputs_of`. */
export function outputSteps(rows: readonly Row[]): ReadonlySet<number> {
  const told = new Set<string>();
  const isNew = (row: Row): boolean => {
    if (!SAY_THE_SAME.has(row.kind)) return hasLongText(row);
    const parts = longTextsOf(row);
    const appeared = parts.filter(({ field: pointer }) => pointer.startsWith("/appeared/"));
    for (const { text } of appeared) told.add(text);
    const count = told.size;
    for (const { text } of parts) told.add(text);
    return appeared.length > 0 || told.size > count;
  };
  return new Set(rows.filter(isNew).map(({ seq }) => seq));
}

/** Whether a step has any long text, without making them. */
function hasLongText(row: Row): boolean {
  if (row.kind === "tests") return mapsOf(row.fields, "cases").length > 0;
  return longTextsOf(row).length > 0;
}
