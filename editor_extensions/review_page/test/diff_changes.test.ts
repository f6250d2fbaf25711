/** Which lines of a difference are folded away, and how one goes from change to change. */
import { getChunks, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { beforeEach, describe, expect, it } from "vitest";
import {
  changeWords,
  changes,
  foldsOf,
  LEAST_FOLDED,
  linesOf,
  MARGIN_LINES,
  openChanges,
  stepChange,
} from "../src/player/diff_changes";

const ASTRAL = "\u{1f642}\u{10348}";

/** A number generator with a seed, so that a failure comes again. */
function random(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % most;
  };
}

/** What the editor itself folds of a difference. */
function foldedBy(state: EditorState): { folds: number; folded: number } {
  let [folds, folded] = [0, 0];
  for (const set of state.facet(EditorView.decorations)) {
    if (typeof set === "function") continue;
    set.between(0, state.doc.length, (from, to, { spec }) => {
      if (!(spec as { block?: boolean }).block || to <= from) return;
      folds++;
      folded += state.doc.lineAt(to).number - state.doc.lineAt(from).number + 1;
    });
  }
  return { folds, folded };
}

describe("folds", () => {
  it("are counted as the editor makes them, for any two texts", () => {
    const most = random(20261125);
    for (let round = 0; round < 200; round++) {
      const before = Array.from({ length: 1 + most(120) }, (_, n) => `line ${n} ${ASTRAL}`);
      const after = [...before];
      for (let change = most(5); change > 0; change--) {
        const lines = Array.from({ length: most(4) }, (_, n) => `new ${round} ${change} ${n}`);
        after.splice(most(after.length + 1), most(4), ...lines);
      }
      const [was, is] = [before.join("\n"), after.join("\n")];
      if (was === is) continue;
      const state = EditorState.create({
        doc: is,
        extensions: unifiedMergeView({
          original: was,
          collapseUnchanged: { margin: MARGIN_LINES, minSize: LEAST_FOLDED },
        }),
      });
      const chunks = getChunks(state)?.chunks ?? [];
      const lines = chunks.map((chunk) => linesOf(state, chunk));
      expect(foldsOf(lines, state.doc.lines), `${was}\n-> ${is}`).toEqual(foldedBy(state));
    }
  });
});

describe("going from change to change", () => {
  beforeEach(() => {
    openChanges(3, 0);
  });

  it("says which of them, and where there is none in this file", () => {
    expect(changeWords()).toBe("change 1 of 3");
    expect([stepChange(1), stepChange(1), stepChange(1)]).toEqual([true, true, false]);
    expect(changeWords()).toBe("change 3 of 3");
  });

  it("comes to the last change of the file before, and to the first of the next", () => {
    expect(stepChange(-1)).toBe(false);
    openChanges(7, 12);
    expect(changes.value).toEqual({ count: 7, at: 6, folded: 12 });
    expect(stepChange(1)).toBe(false);
    openChanges(2, 0);
    expect(changeWords()).toBe("change 1 of 2");
    openChanges(0, 0);
    expect(changeWords()).toBe("no change");
  });
});
