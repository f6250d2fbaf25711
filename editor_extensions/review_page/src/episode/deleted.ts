/** All text that was once in a file and was taken away: what people forget they typed. */
import type { Life, Moments } from "./moments";
import { stringOf, type Points } from "./points";
import { ACTORS, type DeletedText } from "./types";

const BURST_MS = 3000;
/** Of a text, besides blanks; less is a slip of a finger. */
const LEAST_CHARACTERS = 3;
const BLANK: ReadonlySet<number> = new Set([32, 9, 13, 10]);

/** A deleted text of a file, which the caller names; the program finds the same ones. */
export type FoundText<File> = Omit<DeletedText, "file" | "text"> & {
  readonly file: File;
  /** Not linearised. */
  readonly whole: string;
};

/** Deleted stretches, newest first: neighbours in the text that went away in one burst. */
export function deletedTexts<File>(
  moments: Moments,
  fileOf: (path: string) => File,
): FoundText<File>[] {
  const found: FoundText<File>[] = [];
  for (const life of moments.lives()) found.push(...deletedOf(moments, life, fileOf(life.path)));
  return found.sort((a, b) => b.goneSeq - a.goneSeq);
}

function isText(points: Points, from: number, to: number): boolean {
  let left = LEAST_CHARACTERS;
  for (let at = from; at < to && left > 0; at++) if (!BLANK.has(points[at] ?? 0)) left--;
  return left === 0;
}

function* deletedOf<File>(moments: Moments, life: Life, file: File): Generator<FoundText<File>> {
  if (life.edits.length === 0) return;
  const { points, births, deaths } = moments.history(life)?.characters() ?? {};
  if (points === undefined || births === undefined || deaths === undefined) return;
  const { tMs, seq, slow } = moments.content.edits;
  const editOf = (number: number): number => life.edits[number - 1] ?? 0;
  const timeOf = (number: number): number => tMs[editOf(number)] ?? 0;
  const isGone = (at: number): boolean => (deaths[at] ?? 0) <= life.edits.length;
  for (let from = 0; from < points.length; ) {
    if (!isGone(from)) {
      from++;
      continue;
    }
    let to = from + 1;
    let first = births[from] ?? 0;
    let last = deaths[from] ?? 0;
    while (to < points.length && isGone(to)) {
      const death = deaths[to] ?? 0;
      const before = deaths[to - 1] ?? 0;
      const isSameBurst =
        Math.abs(death - before) <= 1 || Math.abs(timeOf(death) - timeOf(before)) <= BURST_MS;
      if (!isSameBurst) break;
      first = Math.min(first, births[to] ?? 0);
      last = Math.max(last, death);
      to++;
    }
    if (isText(points, from, to)) {
      const whole = stringOf(points, from, to);
      yield {
        file,
        actor: first === 0 ? "preexisting" : (ACTORS[slow.actor[editOf(first)] ?? 11] ?? "unknown"),
        bornSeq: first === 0 ? life.since : (seq[editOf(first)] ?? 0),
        goneSeq: seq[editOf(last)] ?? 0,
        tMs: timeOf(last),
        whole,
        characters: to - from,
      };
    }
    from = to;
  }
}
