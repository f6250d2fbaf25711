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
import { useLayoutEffect, useRef } from "preact/hooks";
import type { FileState } from "../episode/types";
import { masksChanged } from "./code_chips";
import { readOnlyCode } from "./code_theme";
import { languageOf, wantLanguages } from "./languages";

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

/** How much of the text around the last edit is brought into view with it. */
const MARGIN_PX = 90;

interface Held {
  readonly view: EditorView;
  readonly language: Compartment;
  readonly path: string;
  /** The path whose language colours the text; empty for none. */
  readonly syntax: string;
  readonly languages: typeof languageOf.value;
}

export function CodeView(props: {
  state: FileState & { text: string };
  path: string;
  colourAll: boolean;
  /** While the moment is dragged, the text alone follows it; its syntax is coloured when it rests. */
  isDragged: boolean;
  onSelect: (selection: Selection | null) => void;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const held = useRef<Held | null>(null);
  const onSelect = useRef(props.onSelect);
  onSelect.current = props.onSelect;
  const languages = languageOf.value;
  useLayoutEffect(() => {
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
    held.current = { view, language, path: "", syntax: "", languages };
    wantLanguages();
    return () => {
      view.destroy();
      held.current = null;
    };
  }, []);
  useLayoutEffect(() => {
    if (held.current === null) return;
    const { view, language } = held.current;
    const { state, isDragged, path } = props;
    const isOther = held.current.path !== path;
    const syntax = isDragged ? "" : path;
    const effects: StateEffect<unknown>[] = [
      setBorn.of(decorations(state, props.colourAll)),
      masksChanged.of(null),
    ];
    if (held.current.syntax !== syntax || held.current.languages !== languages) {
      effects.push(language.reconfigure(isDragged ? [] : languages(path)));
    }
    held.current = { view, language, path, syntax, languages };
    if (state.cursor >= 0) {
      const at = Math.min(state.cursor, state.text.length);
      const y = isOther ? "center" : "nearest";
      effects.push(EditorView.scrollIntoView(at, { y, yMargin: MARGIN_PX }));
    } else if (isOther) {
      effects.push(EditorView.scrollIntoView(0));
    }
    view.dispatch({ changes: difference(view.state.doc, state.text), effects });
  }, [props.state, props.path, props.colourAll, props.isDragged, languages]);
  return <div class="code" ref={place} data-own-keys />;
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
