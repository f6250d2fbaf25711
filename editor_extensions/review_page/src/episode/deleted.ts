/** Texts of files that no last state shows: what people forget they typed, or never saw. */
import { field } from "./message_pack";
import type { Life, Moments } from "./moments";
import { stringOf } from "./points";
import { ACTORS, type DeletedText } from "./types";
import { Between } from "./versions_between";

const BURST_MS = 3000;
/** Within which one edit after the other is the same burst. */
const SLOW_MS = 60_000;
/** Of a text, besides blanks; less is a slip of a finger, and told together with others. */
const LEAST_CHARACTERS = 3;
const BLANKS = /[ \t\r\n]+/gu;

/** A text of a file, not linearised; the program finds the same ones. */
export interface FoundText extends Omit<DeletedText, "file" | "text"> {
  readonly path: string;
  readonly whole: string;
}

/** Deleted stretches, lines of versions in between, what was closed unsaved; newest first. */
export function deletedTexts(moments: Moments, paths: readonly string[]): FoundText[] {
  const found = paths.flatMap((path) =>
    [...moments.livesOf(path)].flatMap((life) => [...deletedOf(moments, life)]),
  );
  const told = found.map(({ whole }) => whole);
  const between = new Between(moments, paths, treeOf(moments), told);
  for (const path of paths) found.push(...between.of(path));
  return withShorter(found).sort((a, b) => b.goneSeq - a.goneSeq);
}

/** The step that holds the base tree, or -1. */
function treeOf({ content }: Moments): number {
  const step = content.rows.find(
    ({ kind, fields }) => kind === "files" && field(fields, "is_tree") === true,
  );
  return step?.seq ?? -1;
}

function* deletedOf(moments: Moments, life: Life): Generator<FoundText> {
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
      const isNext = Math.abs(death - before) <= 1;
      const apart = Math.abs(timeOf(death) - timeOf(before));
      if (apart > (isNext ? SLOW_MS : BURST_MS)) break;
      first = Math.min(first, births[to] ?? 0);
      last = Math.max(last, death);
      to++;
    }
    yield {
      path: life.path,
      actor: first === 0 ? "preexisting" : (ACTORS[slow.actor[editOf(first)] ?? 11] ?? "unknown"),
      shownSeq: (seq[editOf(last)] ?? 0) - 1,
      goneSeq: seq[editOf(last)] ?? 0,
      tMs: timeOf(last),
      whole: stringOf(points, from, to),
      characters: to - from,
      why: "deleted",
      count: 1,
    };
    from = to;
  }
}

/** The texts, those that are too short for a row of their own told together by file. */
function withShorter(found: readonly FoundText[]): FoundText[] {
  const shorter = new Map<string, FoundText[]>();
  const rows = found.filter((one) => {
    const visible = one.whole.replace(BLANKS, "");
    const isLong = visible.length >= LEAST_CHARACTERS && lengthOf(visible) >= LEAST_CHARACTERS;
    if (!isLong && visible !== "") shorter.set(one.path, [...(shorter.get(one.path) ?? []), one]);
    return isLong;
  });
  for (const texts of shorter.values()) {
    const last = texts.reduce((a, b) => (b.goneSeq > a.goneSeq ? b : a));
    const said = texts.map(({ whole }) => whole.replace(BLANKS, " ").replace(/^ | $/gu, ""));
    const whole = said.join(", ");
    rows.push({
      ...last,
      whole,
      characters: lengthOf(whole),
      why: "shorter",
      count: texts.length,
    });
  }
  return rows;
}

/** In code points. */
function lengthOf(text: string): number {
  return text.length > 64 ? text.length : Array.from(text).length;
}

/** What a text is, for its heading; empty where it was taken away by somebody who is named. */
export function whyWords({ why, count }: Pick<DeletedText, "why" | "count">): string {
  switch (why) {
    case "deleted":
      return "";
    case "between":
      return "a version in between";
    case "unsaved":
      return "typed, closed unsaved";
    case "shorter":
      return count === 1 ? "1 shorter one" : `${count} shorter ones`;
  }
}
