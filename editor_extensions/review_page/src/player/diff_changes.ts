/** Where the changes of a difference are, and which of them is looked at. */
import type { Chunk } from "@codemirror/merge";
import type { EditorState } from "@codemirror/state";
import { signal } from "@preact/signals";

/** Unchanged lines that stay in view around a change. */
export const MARGIN_LINES = 3;
/** Fewer unchanged lines than this are not worth folding. */
export const LEAST_FOLDED = 6;

/** Lines of the newer text from 1; a change that only takes away ends before it begins. */
export interface ChangedLines {
  readonly first: number;
  readonly last: number;
}

/** Which lines a chunk of the editor changed. */
export function linesOf({ doc }: EditorState, { fromB, toB, endB }: Chunk): ChangedLines {
  const first = doc.lineAt(Math.min(fromB, doc.length)).number;
  return { first, last: toB > fromB ? doc.lineAt(Math.min(endB, doc.length)).number : first - 1 };
}

/** How many folds a text of so many lines has, and how many lines are in them. */
export function foldsOf(
  changes: readonly ChangedLines[],
  lines: number,
): { folds: number; folded: number } {
  let folds = 0;
  let folded = 0;
  let shownUpTo = 0;
  for (const { first, last } of [...changes, null].map(
    (one) => one ?? { first: lines + 1 + MARGIN_LINES, last: lines },
  )) {
    const hidden = first - 1 - MARGIN_LINES - shownUpTo;
    if (hidden >= LEAST_FOLDED) {
      folds++;
      folded += hidden;
    }
    shownUpTo = last + MARGIN_LINES;
  }
  return { folds, folded };
}

/** The difference in view: how many changes it has, which of them is looked at, from 0, and how many
 *  lines are folded away. */
export const changes = signal({ count: 0, at: 0, folded: 0 });
/** Whether unchanged stretches are folded away. */
export const isFolding = signal(true);

let opensAtLast = false;

/** A difference was opened: at its first change, or at its last by the way back. */
export function openChanges(count: number, folded: number): void {
  changes.value = { count, at: opensAtLast ? Math.max(count - 1, 0) : 0, folded };
  opensAtLast = false;
}

/** Go to the next change or the one before; false where the file has none there. */
export function stepChange(by: 1 | -1): boolean {
  const { count, at, folded } = changes.value;
  const next = at + by;
  if (next < 0 || next >= count) {
    opensAtLast = by < 0;
    return false;
  }
  changes.value = { count, at: next, folded };
  return true;
}

export function changeWords(): string {
  const { count, at } = changes.value;
  if (count === 0) return "no change";
  return `change ${at + 1} of ${count.toLocaleString("en")}`;
}
