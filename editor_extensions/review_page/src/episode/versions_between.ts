/** Lines of versions of files that another version replaced, and that no last state shows. */
import type { Life, Moments } from "./moments";
import type { FoundText } from "./deleted";
import { stringOf } from "./points";

const VISIBLE = /[^ \t\r]/u;
const BLANK_END = /[ \t\r\n]+$/u;

/** A text that the disk got other than by a save, or with which a buffer ended. */
interface Version {
  readonly seq: number;
  /** A buffer that is opened from here on goes on with it. */
  readonly end: number;
  /** A step after which it is there. */
  readonly shownSeq: number;
  readonly text: string;
  readonly isUnsaved: boolean;
}

/** Finds each line once: what is told is known from then on. The base tree is told elsewhere. */
export class Between {
  private readonly known = new Set<string>();
  private readonly times = new Map<number, number>();

  constructor(
    private readonly moments: Moments,
    paths: readonly string[],
    private readonly tree: number,
    told: readonly string[],
  ) {
    const { edits, rows } = moments.content;
    edits.seq.forEach((seq, n) => this.times.set(seq, edits.tMs[n] ?? 0));
    for (const { seq, tMs } of rows) this.times.set(seq, tMs);
    for (const text of told) this.know(text);
    for (const path of paths) {
      const isNamed =
        !moments.livesOf(path).next().done || moments.changesOf(path).some((seq) => seq !== tree);
      const { state } = moments.fileAt(path, Number.MAX_SAFE_INTEGER);
      if (isNamed && state !== null) this.know(stringOf(state.points));
    }
  }

  /** The texts of one file, the oldest first. */
  *of(path: string): Generator<FoundText> {
    const lives = [...this.moments.livesOf(path)];
    const initials = new Map<string, number>();
    for (const life of lives) {
      const points = this.moments.history(life)?.initial;
      const text = points === undefined ? "" : stringOf(points);
      initials.set(text, Math.max(life.since, initials.get(text) ?? -1));
    }
    const versions = [...this.versions(path, lives)].sort((a, b) => a.seq - b.seq);
    for (const { seq, end, shownSeq, text, isUnsaved } of versions) {
      if ((initials.get(text) ?? -1) >= end) continue;
      for (const whole of this.newRuns(text)) {
        yield {
          path,
          actor: "unknown",
          shownSeq,
          goneSeq: seq,
          tMs: this.times.get(seq) ?? 0,
          whole,
          characters: Array.from(whole).length,
          why: isUnsaved ? "unsaved" : "between",
          count: 1,
        };
      }
    }
  }

  private *versions(path: string, lives: readonly Life[]): Generator<Version> {
    const { seq: seqs } = this.moments.content.edits;
    for (const life of lives) {
      const count = life.edits.length;
      const points = this.moments.history(life)?.after(count).points;
      const touched = count === 0 ? life.since : (seqs[life.edits[count - 1] ?? 0] ?? 0);
      const isClosed = life.until !== Infinity;
      yield {
        seq: isClosed ? life.until : touched,
        end: life.until,
        shownSeq: touched,
        text: points === undefined ? "" : stringOf(points),
        isUnsaved: isClosed && count > 0 && !this.moments.isSaved(life),
      };
    }
    for (const [seq, points] of this.moments.diskTexts(path)) {
      if (points === null || seq === this.tree) continue;
      yield { seq, end: seq, shownSeq: seq, text: stringOf(points), isUnsaved: false };
    }
  }

  /** The lines that are not known, those beside each other as one text. */
  private *newRuns(text: string): Generator<string> {
    let run: string[] = [];
    for (const line of linesOf(text)) {
      if (VISIBLE.test(line) && this.known.has(line)) {
        if (run.length > 0) yield run.join("\n").replace(BLANK_END, "");
        run = [];
      } else if (run.length > 0 || VISIBLE.test(line)) {
        run.push(line);
        this.known.add(line);
      }
    }
    if (run.length > 0) yield run.join("\n").replace(BLANK_END, "");
  }

  private know(text: string): void {
    for (const line of linesOf(text)) this.known.add(line);
  }
}

/** The lines without what an editor hides: a byte order mark, carriage returns. */
function linesOf(text: string): string[] {
  return text
    .replace(/^\ufeff/u, "")
    .split("\n")
    .map((line) => line.replace(/\r$/u, ""));
}
