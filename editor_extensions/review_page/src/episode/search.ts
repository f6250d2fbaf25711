/** Search over everything in an episode: every state of every text, every string of every step. */
import { AROUND, around, finderOf, foldedPoints, oneLine, placesIn, type Finder } from "./finding";
import { linear } from "./linear";
import { firstAbove, type Life, type Moments } from "./moments";
import { pointsOf, stringOf, type Points } from "./points";
import type { Hit, SearchQuery, SearchResult, Value } from "./types";

const MOST_HITS = 500;
/** Words of the format rather than of a person. */
const OWN_WORDS = new Set([
  "kind",
  "outcome",
  "source",
  "sha256",
  "text_sha256",
  "disk_sha256",
  "tree_sha256",
  "output_state",
  "exactness",
  "t_kind",
  "mode",
]);

/** A string of a step: where it first stands, and in how many more steps. */
interface StepString {
  readonly text: string;
  readonly seq: number;
  readonly tMs: number;
  readonly kind: string;
  readonly field: string;
  readonly file: number;
  more: number;
}

export class Search {
  private strings: StepString[] | null = null;

  constructor(
    private readonly moments: Moments,
    private readonly fileOf: (path: string) => number,
    private readonly files: readonly string[],
  ) {}

  /** Make ready what does not depend on the query. */
  prepare(): void {
    this.strings ??= this.allStrings();
  }

  run(query: SearchQuery): SearchResult {
    const hits: Hit[] = [];
    let count = 0;
    const add = (hit: () => Hit): void => {
      count++;
      if (hits.length < MOST_HITS) hits.push(hit());
    };
    if (query.text === "") return { hits, count, isComplete: true };
    const find = finderOf(query);
    this.searchNames(find, add);
    this.searchTexts(query, find, add);
    this.searchSteps(find, add);
    return { hits: hits.sort((a, b) => a.seq - b.seq), count, isComplete: count === hits.length };
  }

  private searchNames(find: Finder, add: (hit: () => Hit) => void): void {
    this.files.forEach((path, file) => {
      const found = find(path, 0);
      if (found === null) return;
      add(() => ({ ...around(path, found), ...NOWHERE, where: "name", file }));
    });
  }

  private searchSteps(find: Finder, add: (hit: () => Hit) => void): void {
    this.prepare();
    for (const one of this.strings ?? []) {
      let at = 0;
      for (;;) {
        const found = find(one.text, at);
        if (found === null) break;
        const { seq, tMs, kind, field, file, more } = one;
        add(() => ({
          ...around(one.text, found),
          ...NOWHERE,
          where: "step",
          seq,
          tMs,
          kind,
          field,
          file,
          more,
        }));
        at = found[0] + Math.max(found[1], 1);
      }
    }
  }

  private searchTexts(query: SearchQuery, find: Finder, add: (hit: () => Hit) => void): void {
    const seen = new Set<Points>();
    const whole = (points: Points, path: string, seq: number): void => {
      if (seen.has(points)) return;
      seen.add(points);
      this.searchWhole(points, find, path, seq, add);
    };
    for (const life of this.moments.lives()) {
      const history = this.moments.history(life);
      if (history === null) continue;
      whole(history.initial, life.path, life.since);
      if (query.isPattern) this.searchLines(life, find, add);
      else this.searchEdits(life, query, add);
    }
    for (const [path, seq, blob] of this.moments.diskBlobs()) {
      const points = this.moments.pointsOfBlob(blob);
      if (points !== null) whole(points, path, seq);
    }
  }

  private searchWhole(
    points: Points,
    find: Finder,
    path: string,
    seq: number,
    add: (hit: () => Hit) => void,
  ): void {
    if (points.length === 0) return;
    const text = stringOf(points);
    let at = 0;
    for (;;) {
      const found = find(text, at);
      if (found === null) return;
      add(() => ({
        ...around(text, found),
        ...NOWHERE,
        where: "text",
        seq,
        tMs: this.timeOf(seq),
        file: this.fileOf(path),
      }));
      at = found[0] + Math.max(found[1], 1);
    }
  }

  /** What edits brought about: a query that is newly there lies across the place of the edit. */
  private searchEdits(life: Life, query: SearchQuery, add: (hit: () => Hit) => void): void {
    const history = this.moments.history(life);
    if (history === null || life.edits.length === 0) return;
    const fold = query.matchCase ? (points: Points): Points => points : foldedPoints;
    const wanted = fold(pointsOf(query.text));
    const { seq, tMs } = this.moments.content.edits;
    history.walk(fold, (step) => {
      const from = Math.max(step.from - wanted.length + 1, 0);
      const last = Math.min(step.from + step.inserted - 1, step.length - wanted.length);
      // A deletion joins what stood on both sides; an insertion is crossed from its left to its end.
      const until = step.inserted > 0 ? last : Math.min(step.from - 1, step.length - wanted.length);
      for (let at = from; at <= until; at++) {
        if (!step.matches(at, wanted)) continue;
        const edit = life.edits[step.number - 1] ?? 0;
        const gone = step.goneAfter(at, wanted.length);
        const [before, found, behind] = step.around(at, wanted.length, AROUND);
        add(() => ({
          ...NOWHERE,
          where: gone > life.edits.length ? "text" : "deleted",
          seq: seq[edit] ?? 0,
          tMs: tMs[edit] ?? 0,
          goneSeq: gone > life.edits.length ? -1 : (seq[life.edits[gone - 1] ?? 0] ?? -1),
          file: this.fileOf(life.path),
          before: oneLine(before, "end"),
          found: linear(found),
          behind: oneLine(behind, "start"),
        }));
      }
    });
  }

  /** For patterns: the state at the end, and everything that was ever there, in its order. What
   *  stood whole only in between, with other text put into it since, is not found. */
  private searchLines(life: Life, find: Finder, add: (hit: () => Hit) => void): void {
    const history = this.moments.history(life);
    if (history === null || life.edits.length === 0) return;
    const last = life.edits[life.edits.length - 1] ?? 0;
    const { seq } = this.moments.content.edits;
    this.searchWhole(history.after(life.edits.length).points, find, life.path, seq[last] ?? 0, add);
    const { points, deaths } = history.characters();
    const isGone = (at: number): boolean => (deaths[at] ?? 0) <= life.edits.length;
    const places = placesIn(stringOf(points));
    const findGone: Finder = (text, from) => {
      for (let found = find(text, from); found !== null; ) {
        const [at, length] = found;
        for (let unit = at; unit < at + length; unit++) {
          if (isGone(places[unit] ?? 0)) return found;
        }
        found = find(text, at + Math.max(length, 1));
      }
      return null;
    };
    this.searchWhole(points, findGone, life.path, life.since, (hit) => {
      add(() => ({ ...hit(), where: "deleted" }));
    });
  }

  private timeOf(seq: number): number {
    const { rows } = this.moments.content;
    const place = firstAbove(rows.length, (n) => (rows[n]?.seq ?? 0) > seq);
    return rows[place - 1]?.tMs ?? 0;
  }

  private allStrings(): StepString[] {
    const known = new Map<string, StepString>();
    for (const row of this.moments.content.rows) {
      const path = row.fields["path"];
      const file = typeof path === "string" ? this.fileOf(path) : -1;
      const visit = (value: Value, field: string): void => {
        if (typeof value === "string") {
          const before = known.get(value);
          if (before !== undefined) {
            before.more++;
          } else if (value !== "") {
            const { seq, tMs, kind } = row;
            known.set(value, { text: value, seq, tMs, kind, field, file, more: 0 });
          }
        } else if (Array.isArray(value)) {
          for (let n = 0; n < value.length; n++) visit(value[n] ?? null, `${field}/${n}`);
        } else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
          for (const name in value) {
            if (!OWN_WORDS.has(name)) visit(value[name] ?? null, `${field}/${name}`);
          }
        }
      };
      visit(row.fields, "");
    }
    return [...known.values()];
  }
}

const NOWHERE = { seq: -1, tMs: 0, goneSeq: -1, file: -1, kind: "", field: "", more: 0 } as const;
