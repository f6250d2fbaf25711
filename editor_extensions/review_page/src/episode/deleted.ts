/** All text that was once in a file and was taken away: what people forget they typed. */
import { linear } from "./linear";
import type { Life, Moments } from "./moments";
import { stringOf } from "./points";
import { ACTORS, type DeletedText } from "./types";

const BURST_MS = 3000;
const LEAST_CHARACTERS = 2;
const MOST = 5000;
const SHOWN_CHARACTERS = 4000;

/** Deleted stretches, newest first: neighbours in the text that went away in one burst. */
export function deletedTexts(moments: Moments, fileOf: (path: string) => number): DeletedText[] {
  const found: DeletedText[] = [];
  for (const life of moments.lives()) found.push(...deletedOf(moments, life, fileOf(life.path)));
  return found.sort((a, b) => b.goneSeq - a.goneSeq).slice(0, MOST);
}

function* deletedOf(moments: Moments, life: Life, file: number): Generator<DeletedText> {
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
    const text = stringOf(points, from, to);
    if (text.trim().length >= LEAST_CHARACTERS) {
      yield {
        file,
        actor: first === 0 ? "preexisting" : (ACTORS[slow.actor[editOf(first)] ?? 11] ?? "unknown"),
        bornSeq: first === 0 ? life.since : (seq[editOf(first)] ?? 0),
        goneSeq: seq[editOf(last)] ?? 0,
        tMs: timeOf(last),
        text: linear(text.slice(0, SHOWN_CHARACTERS)),
        characters: to - from,
      };
    }
    from = to;
  }
}
