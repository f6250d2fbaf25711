/** An episode as a film: when each step was, which file it was about, and time with idle folded. */
import { LANES, type Lane, type Mark, type Summary } from "../episode/types";

/** A pause longer than this is folded to this. */
const LONGEST_PAUSE_MS = 20_000;
const FILE_KINDS = new Set(["open", "view", "select", "save", "create", "rename", "resync"]);

export class Film {
  readonly steps: number;
  /** By `seq`: time since the start. */
  readonly tMs: Float64Array;
  /** By `seq`: the same with idle folded. */
  readonly folded: Float64Array;
  /** By `seq`: the file looked at, -1 before the first. */
  readonly file: Int32Array;
  /** By `seq`: the mark of a step that is no edit, as a place in `marks`; else -1. */
  readonly mark: Int32Array;
  readonly marks: readonly Mark[];
  /** By lane: places in `marks`. */
  readonly lanes: ReadonlyMap<Lane, readonly Mark[]>;
  /** By `seq`: the edit, as a place in the columns; else -1. */
  readonly edit: Int32Array;

  constructor(readonly summary: Summary) {
    const { edits, marks } = summary;
    this.marks = marks;
    const last = Math.max(edits.seq.at(-1) ?? -1, marks.at(-1)?.seq ?? -1);
    this.steps = last + 1;
    this.tMs = new Float64Array(this.steps);
    this.folded = new Float64Array(this.steps);
    this.file = new Int32Array(this.steps).fill(-1);
    this.mark = new Int32Array(this.steps).fill(-1);
    this.edit = new Int32Array(this.steps).fill(-1);
    for (let n = 0; n < edits.count; n++) {
      const seq = edits.seq[n] ?? 0;
      this.tMs[seq] = edits.tMs[n] ?? 0;
      this.file[seq] = edits.file[n] ?? -1;
      this.edit[seq] = n;
    }
    marks.forEach((mark, n) => {
      this.tMs[mark.seq] = mark.tMs;
      this.mark[mark.seq] = n;
      if (FILE_KINDS.has(mark.kind)) this.file[mark.seq] = mark.file;
    });
    this.fold();
    this.lanes = new Map(LANES.map((lane) => [lane, marks.filter((mark) => mark.lane === lane)]));
  }

  private fold(): void {
    let now = 0;
    let folded = 0;
    let file = -1;
    for (let seq = 0; seq < this.steps; seq++) {
      const t = Math.max(this.tMs[seq] ?? 0, now);
      this.tMs[seq] = t;
      folded += Math.min(t - now, LONGEST_PAUSE_MS);
      this.folded[seq] = folded;
      now = t;
      const own = this.file[seq] ?? -1;
      if (own >= 0) file = own;
      else this.file[seq] = file;
    }
  }

  /** How long the film is, idle folded; never 0. */
  get length(): number {
    return Math.max(this.folded.at(-1) ?? 0, 1);
  }

  /** The last step not later than a folded time. */
  stepAt(folded: number): number {
    return lastUpTo(this.folded, folded);
  }

  /** The last step not later than a time since the start. */
  stepAtTime(ms: number): number {
    return lastUpTo(this.tMs, ms);
  }

  timeOf(seq: number): number {
    return this.tMs[Math.min(Math.max(seq, 0), this.steps - 1)] ?? 0;
  }

  foldedOf(seq: number): number {
    return this.folded[Math.min(Math.max(seq, 0), this.steps - 1)] ?? 0;
  }

  /** Where a wall time lies in the folded film. */
  foldedTime(ms: number): number {
    let low = 0;
    let high = this.steps;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tMs[middle] ?? 0) > ms) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return 0;
    const before = this.folded[low - 1] ?? 0;
    return before + Math.min(ms - (this.tMs[low - 1] ?? 0), LONGEST_PAUSE_MS);
  }

  /** From where to where a step lies in the folded film. */
  stretchOf({ fromMs, toMs, seq, kind }: Mark): [number, number] {
    const here = this.folded[seq] ?? 0;
    return kind === "gap"
      ? [here, Math.max(this.foldedTime(toMs), here)]
      : [Math.min(this.foldedTime(fromMs), here), here];
  }

  /** The mark at a step, null for edits. */
  markAt(seq: number): Mark | null {
    return this.marks[this.mark[seq] ?? -1] ?? null;
  }

  /** The next step of a lane after `seq`, or the one before it. */
  nextOf(lane: Lane, seq: number, direction: 1 | -1): number | null {
    const marks = this.lanes.get(lane) ?? [];
    const found =
      direction > 0
        ? marks.find((mark) => mark.seq > seq)
        : marks.findLast((mark) => mark.seq < seq);
    return found?.seq ?? null;
  }

  /** Where the next other file comes into view, or the one before. */
  nextFile(seq: number, direction: 1 | -1): number | null {
    const at = Math.max(seq, 0);
    const file = this.file[at];
    for (let other = at + direction; other >= 0 && other < this.steps; other += direction) {
      if (this.file[other] !== file && (this.file[other] ?? -1) >= 0) return other;
    }
    return null;
  }
}

/** The last place whose time is not later; 0 before the first. */
function lastUpTo(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) > time) high = middle;
    else low = middle + 1;
  }
  return Math.max(low - 1, 0);
}
