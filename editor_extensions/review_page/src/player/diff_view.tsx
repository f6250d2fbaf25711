/** Two texts as one, with what was taken away and put in: opens at a change, folds what is alike. */
import { type Chunk, getChunks, uncollapseUnchanged, unifiedMergeView } from "@codemirror/merge";
import { StateEffect, StateField, type EditorState, type Range } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { chipsInDeletedLines } from "./code_chips";
import { readOnlyCode } from "./code_theme";
import {
  changes,
  foldsOf,
  isFolding,
  LEAST_FOLDED,
  linesOf,
  MARGIN_LINES,
  openChanges,
  type ChangedLines,
} from "./diff_changes";
import { languageOf, wantLanguages } from "./languages";

const NO_FOLDS = { folds: 0, folded: 0 };
/** Lines in front of a change that is gone to. */
const ABOVE_PX = 80;

export function DiffView(props: {
  path: string;
  was: string;
  is: string;
  /** Called once every line of it can be come to by scrolling. */
  onWhole: () => void;
}): JSX.Element {
  const { path, was, is } = props;
  const place = useRef<HTMLDivElement>(null);
  const held = useRef<EditorView | null>(null);
  const onWhole = useRef(props.onWhole);
  onWhole.current = props.onWhole;
  const languages = languageOf.value;
  const folds = isFolding.value;
  useEffect(wantLanguages, []);
  useEffect(() => {
    if (place.current === null) return undefined;
    let left = 0;
    const view = new EditorView({
      parent: place.current,
      doc: is,
      extensions: [
        readOnlyCode("Differences of the file"),
        languages(path),
        unifiedMergeView({
          original: was,
          mergeControls: false,
          highlightChanges: was !== "" && is !== "",
          gutter: true,
          ...(folds && was !== is
            ? { collapseUnchanged: { margin: MARGIN_LINES, minSize: LEAST_FOLDED } }
            : {}),
          diffConfig: { scanLimit: 2000, timeout: 300 },
        }),
        current,
        chipsInDeletedLines,
        EditorView.updateListener.of(({ transactions }) => {
          const unfolded = transactions.flatMap(({ effects }) =>
            effects.filter((one) => one.is(uncollapseUnchanged)),
          );
          left -= unfolded.length;
          if (unfolded.length > 0 && left <= 0) onWhole.current();
        }),
      ],
    });
    held.current = view;
    const chunks = chunksOf(view.state);
    const lines = chunks.map((chunk) => linesOf(view.state, chunk));
    const away = folds && was !== is ? foldsOf(lines, view.state.doc.lines) : NO_FOLDS;
    left = away.folds;
    if (left === 0) onWhole.current();
    openChanges(chunks.length, away.folded);
    return () => {
      view.destroy();
      held.current = null;
    };
  }, [path, was, is, folds, languages]);
  const { at, count } = changes.value;
  useEffect(() => {
    const view = held.current;
    const chunk = view === null ? undefined : chunksOf(view.state)[at];
    if (view === null || chunk === undefined) return;
    const y = "start";
    view.dispatch({
      effects: [
        setCurrent.of(linesOf(view.state, chunk)),
        EditorView.scrollIntoView(Math.min(chunk.fromB, view.state.doc.length), {
          y,
          yMargin: ABOVE_PX,
        }),
      ],
    });
  }, [at, count, path, was, is, folds, languages]);
  return <div class="code" ref={place} data-own-keys />;
}

function chunksOf(state: EditorState): readonly Chunk[] {
  return getChunks(state)?.chunks ?? [];
}

const setCurrent = StateEffect.define<ChangedLines>();
const mark = Decoration.line({ class: "current-change" });

/** The change that was gone to last has a line at its side. */
const current = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, { effects, state }) {
    for (const effect of effects) {
      if (!effect.is(setCurrent)) continue;
      const { first, last } = effect.value;
      const marked: Range<Decoration>[] = [];
      for (let line = first; line <= last; line++)
        marked.push(mark.range(state.doc.line(line).from));
      return Decoration.set(marked);
    }
    return value;
  },
  provide: (field) => EditorView.decorations.from(field),
});
