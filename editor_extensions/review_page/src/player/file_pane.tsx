/** The pane with the file at the moment looked at: its name, its text, what a selection allows. */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FileState } from "../episode/types";
import { useKeys } from "../keyboard";
import { attempt, moment, noteFileSeen, pinnedFile, reviewActions, shown } from "../session";
import { linearPath } from "../episode/linear";
import { CodeView, type Selection } from "./code_view";
import { useLatest } from "./latest";
import { colourAll, currentFile, film, isDragged, pathOf } from "./player_state";

const MOST_OF_PATH = 64;

const ABSENCE = {
  "": "",
  gone: "There is no such file at this moment.",
  unknown: "Nothing was recorded of this file at this moment.",
  withheld: "There is a file, but its content is not in this episode.",
  binary: "This file is not text",
  damaged: "What is recorded of this file is damaged.",
};

export function FilePane(): JSX.Element {
  const episode = shown.value?.episode ?? null;
  const seq = moment.value;
  const file = currentFile.value;
  const state = useLatest(
    () => (episode === null || file === null ? null : episode.fileAt(file, seq)),
    [episode, seq, file],
  );
  const seen = typeof state?.text === "string" ? state.file : null;
  useEffect(() => {
    if (seen !== null) noteFileSeen(seen);
  }, [seen]);
  return (
    <section class="file-pane" aria-label="File">
      <header class="pane-head">
        <FileChoice />
        <span class="grow" />
        {seen !== null && state !== null && (
          <span class="small muted">{state.isBuffer ? "in the editor" : "on disk"}</span>
        )}
        <button
          type="button"
          class="quiet small"
          aria-pressed={colourAll.value}
          title="Colour all text of the session by who wrote it (w)"
          onClick={() => (colourAll.value = !colourAll.value)}
        >
          Colour all
        </button>
      </header>
      {useMemo(
        () => (
          <FileBody state={state} />
        ),
        [state],
      )}
    </section>
  );
}

function FileChoice(): JSX.Element {
  const file = currentFile.value;
  const all = shown.value?.episode.summary.files ?? [];
  const options = useMemo(
    () =>
      all
        .map((path, n) => ({ path, n }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ path, n }) => (
          <option key={n} value={String(n)}>
            {linearPath(path)}
          </option>
        )),
    [all],
  );
  return (
    <label class="row file-choice">
      <span class="only-heard">File</span>
      <select
        class="mono"
        value={pinnedFile.value === null ? "" : String(pinnedFile.value)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          pinnedFile.value = value === "" ? null : Number(value);
          event.currentTarget.blur();
        }}
      >
        <option value="">
          follows the moment: {file === null ? "no file yet" : endOf(linearPath(pathOf(file)))}
        </option>
        {options}
      </select>
    </label>
  );
}

/** A choice has one line, cut short at its end, where a path has its name. */
function endOf(path: string): string {
  const characters = Array.from(path);
  return characters.length > MOST_OF_PATH
    ? `…${characters.slice(1 - MOST_OF_PATH).join("")}`
    : path;
}

function FileBody({ state }: { state: FileState | null }): JSX.Element {
  const [selection, setSelection] = useState<Selection | null>(null);
  if (state === null) {
    return (
      <div class="waiting">
        {film.value?.steps === 0 ? "This episode has no steps." : "No file at this moment yet."}
      </div>
    );
  }
  if (state.text === null) {
    const size = state.sizeBytes > 0 ? ` (${state.sizeBytes} bytes).` : "";
    return (
      <div class="waiting">
        {ABSENCE[state.absence]}
        {size}
      </div>
    );
  }
  return (
    <>
      <CodeView
        state={{ ...state, text: state.text }}
        path={pathOf(state.file)}
        colourAll={colourAll.value}
        isDragged={isDragged.value}
        onSelect={setSelection}
      />
      {reviewActions.value !== null && selection !== null && (
        <SelectionBar state={state} selection={selection} />
      )}
    </>
  );
}

/** What a review offers for selected text. */
function SelectionBar(props: { state: FileState; selection: Selection }): JSX.Element {
  const { state, selection } = props;
  const mask = (isEverywhere: boolean): void => {
    void attempt(async () => {
      const { from, to } = selection;
      const named = await shown.value?.episode.spanOf(state.file, state.seq, from, to);
      if (named === null || named === undefined)
        throw new Error("This text cannot be masked here.");
      if (isEverywhere) reviewActions.value?.maskValue(named.value);
      else reviewActions.value?.maskText(named.span);
    });
  };
  const isBase = shown.value?.role === "base";
  const actions = useMemo(
    () => ({
      x: () => {
        mask(true);
      },
      ...(isBase
        ? {
            X: () => {
              mask(false);
            },
          }
        : {}),
    }),
    [selection, state, isBase],
  );
  useKeys(actions);
  return (
    <div class="selection-bar row" role="toolbar" aria-label="Selected text">
      <button type="button" class="main" onClick={actions.x}>
        Mask this everywhere <kbd>x</kbd>
      </button>
      {actions.X !== undefined && (
        <button type="button" onClick={actions.X}>
          Mask only here <kbd>X</kbd>
        </button>
      )}
    </div>
  );
}
