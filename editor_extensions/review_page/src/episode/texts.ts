/** One text through all its edits: any state of it at once, from an index built when first asked.
 *
 * Every character that was ever there gets the number of the edit that brought it and of the edit
 * that took it away; the text after edit k is those born by k and not yet dead (format.md, 7.2). */
import type { Edits } from "./columns";
import { joined, roomFor, stringOf, type Points } from "./points";

/** Characters ever seen, in document order. */
interface Index {
  readonly points: Points;
  /** Which edit of this text brought it: 0 for the initial text, 1 for the first edit. */
  readonly births: Uint32Array;
  /** Which edit took it away; one more than there are edits: none. */
  readonly deaths: Uint32Array;
}

/** The text at one moment, each character with the edit that brought it. */
export interface TextState {
  readonly points: Points;
  readonly births: Uint32Array;
}

export class TextHistory {
  private index: Index | null = null;
  /** Characters in the order in which they came, and what took them away. */
  private raw: { all: Points; died: Uint32Array } | null = null;
  private folded: { by: unknown; points: Points } | null = null;
  private readonly edits: Edits;
  readonly initial: Points;
  /** Places in the episode's table of the edits of this text, in order. */
  readonly numbers: Uint32Array;

  constructor(initial: Points, edits: Edits, numbers: Uint32Array) {
    this.initial = initial;
    this.edits = edits;
    this.numbers = numbers;
  }

  /** The text after `count` of its edits. Throws an Error when an edit does not fit its text. */
  after(count: number): TextState {
    if (count <= 0 || this.numbers.length === 0) {
      return { points: this.initial, births: new Uint32Array(this.initial.length) };
    }
    const { points, births, deaths } = this.characters();
    const alive = roomFor(points.length, points);
    const born = new Uint32Array(points.length);
    let length = 0;
    for (let at = 0; at < points.length; at++) {
      if ((births[at] ?? 0) <= count && (deaths[at] ?? 0) > count) {
        alive[length] = points[at] ?? 0;
        born[length++] = births[at] ?? 0;
      }
    }
    return { points: alive.subarray(0, length), births: born.subarray(0, length) };
  }

  /** All characters that were ever there. Costs about 0.1 µs per character, once. */
  characters(): Index {
    this.index ??= this.build();
    return this.index;
  }

  /** Go through all states, edit by edit. `fold` makes characters alike that a search takes as one;
   *  `visit` is given the same object each time. */
  walk(fold: (points: Points) => Points, visit: (step: WalkStep) => void): void {
    this.characters();
    const { start, deleted, inserted } = this.edits;
    const { all, died } = this.raw ?? { all: new Uint8Array(), died: new Uint32Array() };
    const seed = this.initial.length;
    const visible = new GapBuffer(seed, all.length);
    if (this.folded?.by !== fold) this.folded = { by: fold, points: fold(all) };
    const step = new WalkStep(visible, all, this.folded.points, died);
    let next = seed;
    this.numbers.forEach((edit, n) => {
      const put = inserted[edit] ?? 0;
      step.number = n + 1;
      step.from = start[edit] ?? 0;
      step.inserted = put;
      visible.moveTo(step.from);
      visible.skip(deleted[edit] ?? 0);
      for (let at = 0; at < put; at++) visible.put(next++);
      visit(step);
    });
  }

  private build(): Index {
    const { start, deleted, inserted } = this.edits;
    const seed = this.initial.length;
    let total = seed;
    for (const edit of this.numbers) total += inserted[edit] ?? 0;
    const born = new Uint32Array(total);
    const died = new Uint32Array(total).fill(this.numbers.length + 1);
    const following = chainOf(seed, total);
    const visible = new GapBuffer(seed, total);
    let next = seed;
    this.numbers.forEach((edit, n) => {
      const from = start[edit] ?? 0;
      const out = deleted[edit] ?? 0;
      const put = inserted[edit] ?? 0;
      if (from + out > visible.length) {
        throw new Error(
          `edit ${edit + 1} reaches beyond the ${visible.length} characters of its text`,
        );
      }
      visible.moveTo(from);
      for (let at = 0; at < out; at++) died[visible.take()] = n + 1;
      if (put === 0) return;
      const behind = visible.before() ?? total;
      following[next + put - 1] = following[behind] ?? -1;
      following[behind] = next;
      for (let at = 0; at < put; at++) {
        born[next] = n + 1;
        visible.put(next++);
      }
    });
    return this.inOrder(following, born, died);
  }

  private inOrder(following: Int32Array, born: Uint32Array, died: Uint32Array): Index {
    const total = born.length;
    const all = this.allPoints();
    this.raw = { all, died };
    const points = roomFor(total, all);
    const births = new Uint32Array(total);
    const deaths = new Uint32Array(total);
    let at = following[total] ?? -1;
    for (let place = 0; at >= 0; place++) {
      points[place] = all[at] ?? 0;
      births[place] = born[at] ?? 0;
      deaths[place] = died[at] ?? 0;
      at = following[at] ?? -1;
    }
    return { points, births, deaths };
  }

  /** Initial characters, then inserted ones in order of time. */
  private allPoints(): Points {
    const { text, textStarts } = this.edits;
    const isAll = this.numbers.length === this.edits.count;
    if (isAll) return joined(this.initial, text);
    let total = this.initial.length;
    for (const edit of this.numbers) total += this.edits.inserted[edit] ?? 0;
    const all = roomFor(total, this.initial, text);
    all.set(this.initial);
    let at = this.initial.length;
    for (const edit of this.numbers) {
      const part = text.subarray(textStarts[edit] ?? 0, textStarts[edit + 1] ?? 0);
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The text right after one edit of a walk. */
export class WalkStep {
  number = 0;
  from = 0;
  inserted = 0;

  constructor(
    private readonly visible: GapBuffer,
    private readonly points: Points,
    private readonly folded: Points,
    private readonly died: Uint32Array,
  ) {}

  get length(): number {
    return this.visible.length;
  }

  /** Whether some folded characters stand at a place. */
  matches(at: number, wanted: Points): boolean {
    for (let n = 0; n < wanted.length; n++) {
      if (this.folded[this.visible.at(at + n)] !== wanted[n]) return false;
    }
    return true;
  }

  /** Number of the first edit that takes away one of some characters. */
  goneAfter(at: number, length: number): number {
    let first = Infinity;
    for (let n = 0; n < length; n++) {
      first = Math.min(first, this.died[this.visible.at(at + n)] ?? Infinity);
    }
    return first;
  }

  /** What stands before, at and behind a place. */
  around(at: number, length: number, most: number): [string, string, string] {
    const from = Math.max(at - most, 0);
    const to = Math.min(at + length + most, this.length);
    const text = (low: number, high: number): string => {
      const part = roomFor(high - low, this.points);
      for (let n = low; n < high; n++) part[n - low] = this.points[this.visible.at(n)] ?? 0;
      return stringOf(part);
    };
    return [text(from, at), text(at, at + length), text(at + length, to)];
  }
}

/** Each character's follower, dead ones too; the last entry is the first character of all. */
function chainOf(seed: number, total: number): Int32Array {
  const following = new Int32Array(total + 1);
  for (let at = 0; at < total; at++) following[at] = at + 1;
  if (seed > 0) following[seed - 1] = -1;
  following[total] = seed > 0 ? 0 : -1;
  return following;
}

/** Numbers of the visible characters, with a gap where the last edit was. */
class GapBuffer {
  private readonly cells: Int32Array;
  private left: number;
  private right: number;

  constructor(seed: number, total: number) {
    this.cells = new Int32Array(total);
    for (let at = 0; at < seed; at++) this.cells[at] = at;
    this.left = seed;
    this.right = total;
  }

  get length(): number {
    return this.left + this.cells.length - this.right;
  }

  moveTo(place: number): void {
    const by = this.left - place;
    if (by > 0) {
      this.cells.copyWithin(this.right - by, place, this.left);
    } else if (by < 0) {
      this.cells.copyWithin(this.left, this.right, this.right - by);
    }
    this.left -= by;
    this.right -= by;
  }

  /** Remove the character behind the gap. */
  take(): number {
    return this.cells[this.right++] ?? 0;
  }

  skip(count: number): void {
    this.right += count;
  }

  /** The character at a place. */
  at(place: number): number {
    return this.cells[place < this.left ? place : place - this.left + this.right] ?? 0;
  }

  put(character: number): void {
    this.cells[this.left++] = character;
  }

  /** The character before the gap. */
  before(): number | undefined {
    return this.left > 0 ? this.cells[this.left - 1] : undefined;
  }
}
