/** A recorded file as it was, with what came last marked by its actor. */
import {
  Compartment,
  RangeSetBuilder,
  StateEffect,
  StateField,
  type Text,
} from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import { search, searchKeymap } from "@codemirror/search";
import { keymap } from "@codemirror/view";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { FileState } from "../episode/types";
import { readOnlyCode } from "./code_theme";
import { languageOf } from "./languages";

const setBorn = StateEffect.define<DecorationSet>();
const born = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setBorn)) return effect.value;
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface Selection {
  readonly from: number;
  readonly to: number;
}

export function CodeView(props: {
  state: FileState & { text: string };
  path: string;
  colourAll: boolean;
  onSelect: (selection: Selection | null) => void;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const held = useRef<{ view: EditorView; language: Compartment; path: string } | null>(null);
  const onSelect = useRef(props.onSelect);
  onSelect.current = props.onSelect;
  useEffect(() => {
    if (place.current === null) return undefined;
    const language = new Compartment();
    const view = new EditorView({
      parent: place.current,
      extensions: [
        readOnlyCode("The file as it was"),
        language.of([]),
        born,
        search({ top: true }),
        keymap.of(searchKeymap),
        EditorView.updateListener.of((update) => {
          if (!update.selectionSet && !update.docChanged) return;
          const { from, to } = update.state.selection.main;
          onSelect.current(from === to ? null : { from, to });
        }),
      ],
    });
    held.current = { view, language, path: "" };
    return () => {
      view.destroy();
      held.current = null;
    };
  }, []);
  useEffect(() => {
    if (held.current === null) return;
    const { view, language } = held.current;
    const isOther = held.current.path !== props.path;
    held.current.path = props.path;
    const { state } = props;
    view.dispatch({
      changes: difference(view.state.doc, state.text),
      effects: [
        setBorn.of(decorations(state, props.colourAll)),
        ...(isOther ? [language.reconfigure(languageOf(props.path))] : []),
      ],
    });
    if (state.cursor >= 0) {
      const at = Math.min(state.cursor, view.state.doc.length);
      const isFar = isOther || !isVisible(view, at);
      if (isFar) view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
    } else if (isOther) {
      view.scrollDOM.scrollTop = 0;
    }
  }, [props.state, props.path, props.colourAll]);
  return <div class="code" ref={place} data-own-keys />;
}

function isVisible(view: EditorView, at: number): boolean {
  const { top, height } = view.scrollDOM.getBoundingClientRect();
  const block = view.lineBlockAt(at);
  const line = block.top + view.documentTop;
  return line >= top && line + block.height <= top + height;
}

/** The one change that makes a document another text: what differs between equal ends. */
function difference(document: Text, text: string): { from: number; to: number; insert: string } {
  const before = document.toString();
  const most = Math.min(before.length, text.length);
  let from = 0;
  while (from < most && before.charCodeAt(from) === text.charCodeAt(from)) from++;
  let end = 0;
  while (
    end < most - from &&
    before.charCodeAt(before.length - 1 - end) === text.charCodeAt(text.length - 1 - end)
  ) {
    end++;
  }
  return { from, to: before.length - end, insert: text.slice(from, text.length - end) };
}

const marks = new Map<string, Decoration>();

function markFor(actor: string, isRecent: boolean): Decoration {
  const name = `born by-${actor}${isRecent ? " recent" : ""}`;
  let found = marks.get(name);
  if (found === undefined) marks.set(name, (found = Decoration.mark({ class: name })));
  return found;
}

function decorations(state: FileState, all: boolean): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to, actor, isRecent } of state.born) {
    if (from < to && (all || isRecent)) builder.add(from, to, markFor(actor, isRecent));
  }
  return builder.finish();
}
