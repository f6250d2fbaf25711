/** Which project a recording is of, and when it was made: what every screen says of it. Python's
 *  `replay/origin.py` says the same; test/fixtures/origins.json holds both together. */
import { signal } from "@preact/signals";
import { linear } from "./episode/linear";
import type { EpisodeHeader } from "./schemas/header";

export interface Origin {
  readonly project: string;
  /** Date and time of day, as far as the episode holds them, on the clock of who looks. */
  readonly when: string;
}

/** Of the recording that the page was opened for; null until its header is read. */
export const origin = signal<Origin | null>(null);

const NS_PER_MS = 1_000_000;
const YEAR_10000_MS = 253_402_300_800_000;

/** What a header says, which nobody has checked; the folder's name is told to its owner alone. */
export function originOf(header: Partial<EpisodeHeader>, folder: string | null): Origin {
  const named = textOf(header.base?.repository) || textOf(header.workspace);
  const project = folder ?? named.replace(/\/+$/, "").replace(/^.*\//s, "");
  return { project: linear(project).replaceAll("\n", "␊"), when: whenOf(header) };
}

function whenOf(header: Partial<EpisodeHeader>): string {
  const start = msOf(header.started_wall_ns);
  const length = msOf(header.duration_ns) ?? 0;
  if (start === null || start + length > YEAR_10000_MS) {
    const date = textOf(header.captured_on);
    return date === "" ? "no date in it" : `${linear(date)}, no time of day in it`;
  }
  const [from, to] = [new Date(start), new Date(start + length)];
  const ends = timeText(to).slice(0, 5);
  return dateText(from) === dateText(to)
    ? `${dateText(from)} ${timeText(from).slice(0, 5)}-${ends}`
    : `${dateText(from)} ${timeText(from).slice(0, 5)} to ${dateText(to)} ${ends}`;
}

/** The time of day of a moment; "" where the episode does not hold it. */
export function timeOfDay(header: Partial<EpisodeHeader>, tMs: number): string {
  const start = msOf(header.started_wall_ns);
  return start === null || start + tMs > YEAR_10000_MS ? "" : timeText(new Date(start + tMs));
}

function dateText(date: Date): string {
  return `${padded(date.getFullYear(), 4)}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
}

function timeText(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((one) => padded(one))
    .join(":");
}

function padded(number: number, digits = 2): string {
  return String(number).padStart(digits, "0");
}

function msOf(ns: unknown): number | null {
  return typeof ns === "number" && ns >= 0 && ns <= YEAR_10000_MS * NS_PER_MS
    ? Math.floor(ns / NS_PER_MS)
    : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
