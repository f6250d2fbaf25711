/** What the server, or the file of a replay, says of the episode shown: its chapters, and which
 *  tests are red when (docs/levels.md). Titles and names are recorded text. */

export interface Chapter {
  readonly kind: "task" | "red_green" | "git";
  readonly title: string;
  readonly seq_first: number;
  readonly seq_last: number;
  readonly t_ms: number;
  readonly outcome: string | null;
}

/** Steps in which the same tests are red. */
export interface RedStretch {
  readonly seq_first: number;
  readonly seq_last: number;
  readonly count: number;
  /** The first of them, each with the line that says what is wrong. */
  readonly tests: readonly { readonly name: string; readonly says: string }[];
}

export interface Storyline {
  readonly version: 1;
  /** By their first step, the longer one first. */
  readonly chapters: readonly Chapter[];
  readonly red: readonly RedStretch[];
}

export const NO_STORYLINE: Storyline = { version: 1, chapters: [], red: [] };

/** The chapter that a step lies in: of several the one that began last. */
export function chapterAt({ chapters }: Storyline, seq: number): number {
  return chapters.findLastIndex((one) => one.seq_first <= seq && seq <= one.seq_last);
}

/** The next chapter that begins behind a step, or the last that began before it. */
export function nextChapter(
  { chapters }: Storyline,
  seq: number,
  direction: 1 | -1,
): Chapter | null {
  const found =
    direction > 0
      ? chapters.find((one) => one.seq_first > seq)
      : chapters.findLast((one) => one.seq_first < seq);
  return found ?? null;
}

/** A chapter in words; its kind is part of a title but for a task's. Recorded text. */
export function chapterWords({ kind, title, outcome }: Chapter): string {
  if (kind !== "task") return title;
  return `task: ${title}${outcome === null ? "" : ` \u2014 ${outcome}`}`;
}

/** Which tests are red after a step. */
export function redAt({ red }: Storyline, seq: number): RedStretch | null {
  return red.find((one) => one.seq_first <= seq && seq <= one.seq_last) ?? null;
}
