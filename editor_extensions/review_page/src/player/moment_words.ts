// Moments in words, as the option `--at` takes them.
import type { Film } from "./film";

const SPAN = /^time:\+(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** The step that words like `120`, `step:45`, `time:+1h02m3s`, `start`, `end` name; null: none. */
export function momentAt(film: Film, words: string): number | null {
  const asked = words.trim();
  if (asked === "start") return -1;
  if (asked === "end") return film.steps - 1;
  const step = /^step:(\d+)$/.exec(asked);
  if (step !== null) return within(film, Number(step[1]));
  if (/^\d+$/.test(asked)) return afterEdits(film, Number(asked));
  const span = SPAN.exec(asked);
  if (span === null || asked === "time:+") return null;
  const [hours = 0, minutes = 0, seconds = 0] = span.slice(1).map((part) => Number(part || 0));
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return ms > film.timeOf(film.steps - 1) ? null : film.stepAtTime(ms);
}

function within(film: Film, step: number): number | null {
  return step < film.steps ? step : null;
}

function afterEdits(film: Film, count: number): number | null {
  if (count === 0) return -1;
  return film.summary.edits.seq[count - 1] ?? null;
}
