/** What changed between any two moments, file by file. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorView } from "@codemirror/view";
import { linearPath } from "../episode/linear";
import { clockText } from "../episode/steps";
import type { ChangedFile, OpenEpisode } from "../episode/types";
import { useKeys } from "../keyboard";
import { moment, noteFileSeen, pinnedFile, shown } from "../session";
import { VirtualList } from "../ui/virtual_list";
import { readOnlyCode } from "./code_theme";
import type { Film } from "./film";
import { languageOf, wantLanguages } from "./languages";
import { useLatest } from "./latest";
import { film, openAt, pathOf } from "./player_state";

const LIST_PX = 30;
const MOST_MOMENTS = 400;
const NOTHING = { text: null, absence: "gone" } as const;

export const FILES_KEYS = [
  { keys: "n p", does: "next, previous file" },
  { keys: "Enter", does: "show the file on the timeline" },
];

/** The two moments; null stands for the start and for the end. */
const from = signal<number | null>(null);
const to = signal<number | null>(null);
const everything = signal(false);

export function Files(): JSX.Element {
  const episode = shown.value?.episode ?? null;
  const now = film.value;
  const low = from.value ?? -1;
  const high = to.value ?? (now?.steps ?? 0) - 1;
  const changed = useLatest(() => episode?.changed(low, high) ?? null, [episode, low, high]);
  const there = useLatest(() => episode?.filesAt(high) ?? null, [episode, high]);
  const pinned = pinnedFile.value;
  const listed = useMemo(
    // A file that was asked for is listed although it did not change.
    () => {
      const wanted = (there ?? []).filter((file) => everything.value || file === pinned);
      return changed === null ? [] : listOf(changed, wanted, high);
    },
    [changed, there, high, everything.value, pinned],
  );
  const place = Math.max(
    listed.findIndex((one) => one.file === pinnedFile.value),
    0,
  );
  const chosen = listed[place] ?? null;
  const actions = useMemo(() => keyActions(listed, place, high), [listed, place, high]);
  useKeys(actions);
  if (episode === null || now === null) return <div class="waiting">Opening…</div>;
  return (
    <div class="split">
      <h1 class="only-heard">Files</h1>
      <section class="list-side" aria-label="Which file">
        <MomentChoice film={now} />
        <VirtualList
          count={listed.length}
          lineHeight={LIST_PX}
          label="Changed files"
          shownLine={place}
          render={({ from: first, to: last }) =>
            listed
              .slice(first, last)
              .map((one, n) => <FileLine key={one.file} one={one} isChosen={first + n === place} />)
          }
        />
        <p class="side-head small muted">
          {listed.length} {listed.length === 1 ? "file" : "files"}
        </p>
      </section>
      <section class="shown-side" aria-label="Differences">
        {chosen === null ? (
          <div class="waiting">
            {changed === null ? "Comparing…" : "No file differs between these moments."}
          </div>
        ) : (
          <Difference
            episode={episode}
            one={chosen}
            high={high}
            isWhole={from.value === null || chosen.added + chosen.removed === 0}
          />
        )}
      </section>
    </div>
  );
}

/** Changed files by path, and some of those that did not change. */
function listOf(
  changed: readonly ChangedFile[],
  there: readonly number[],
  high: number,
): readonly ChangedFile[] {
  const known = new Set(changed.map((one) => one.file));
  const same = there
    .filter((file) => !known.has(file))
    .map((file): ChangedFile => {
      const none = { added: 0, removed: 0, state: "" } as const;
      return { file, ...none, wasSeq: high, was: "text", is: "text" };
    });
  return [...changed, ...same].sort((a, b) => (pathOf(a.file) < pathOf(b.file) ? -1 : 1));
}

function keyActions(
  listed: readonly ChangedFile[],
  place: number,
  high: number,
): Record<string, () => void> {
  const go = (one: ChangedFile | undefined): void => {
    if (one !== undefined) pinnedFile.value = one.file;
  };
  return {
    n: () => {
      go(listed[place + 1]);
    },
    p: () => {
      go(listed[place - 1]);
    },
    Enter: () => {
      const one = listed[place];
      if (one !== undefined) openAt(high, one.file);
    },
  };
}

function MomentChoice({ film: now }: { film: Film }): JSX.Element {
  const commits = useMemo(
    () =>
      [...(now.lanes.get("git") ?? []), ...(now.lanes.get("tests") ?? [])]
        .sort((a, b) => a.seq - b.seq)
        .slice(0, MOST_MOMENTS),
    [now],
  );
  const options = commits.map((mark) => (
    <option key={mark.seq} value={String(mark.seq)}>
      {clockText(mark.tMs)} {mark.kind} {mark.label}
    </option>
  ));
  const here = moment.value;
  const choice = (end: typeof from, words: string, whole: string): JSX.Element => (
    <label class="row moment-choice">
      <span class="muted small">{words}</span>
      <select
        class="moments"
        value={end.value === null ? "" : String(end.value)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          end.value = value === "" ? null : Number(value);
        }}
      >
        <option value="">{whole}</option>
        <option value={String(here)}>{clockText(now.timeOf(here))} the timeline’s moment</option>
        {end.value !== null &&
          end.value !== here &&
          !commits.some((one) => one.seq === end.value) && (
            <option value={String(end.value)}>
              {clockText(now.timeOf(end.value))} step {end.value}
            </option>
          )}
        {options}
      </select>
    </label>
  );
  return (
    <header class="side-head">
      {choice(from, "from", "the start")}
      {choice(to, "to", "the end")}
      <label class="row small">
        <input
          type="checkbox"
          checked={everything.value}
          onChange={(event) => (everything.value = event.currentTarget.checked)}
        />
        also files that did not change
      </label>
    </header>
  );
}

function FileLine({ one, isChosen }: { one: ChangedFile; isChosen: boolean }): JSX.Element {
  const path = linearPath(pathOf(one.file));
  return (
    <button
      type="button"
      class="list-line"
      aria-current={isChosen ? "true" : undefined}
      title={path}
      onClick={() => (pinnedFile.value = one.file)}
    >
      <span class="cut-short grow mono" dir="ltr">
        {path}
      </span>
      {one.state !== "" && <span class="small muted">{one.state}</span>}
      {one.added > 0 && <span class="good mono">+{one.added}</span>}
      {one.removed > 0 && <span class="bad mono">−{one.removed}</span>}
    </button>
  );
}

function Difference(props: {
  episode: OpenEpisode;
  one: ChangedFile;
  high: number;
  /** Nothing is folded away: it counts as looked at. */
  isWhole: boolean;
}): JSX.Element {
  const { episode, one, high, isWhole } = props;
  const { file } = one;
  const both = useLatest(
    async () => ({
      file,
      was: one.was === "none" ? NOTHING : await episode.fileAt(file, one.wasSeq),
      is: one.is === "none" ? NOTHING : await episode.fileAt(file, high),
    }),
    [episode, one, high],
  );
  useEffect(() => {
    if (both !== null) noteFileSeen(both.file);
  }, [both]);
  return (
    <>
      <header class="pane-head">
        <span class="mono cut-short grow">{linearPath(pathOf(file))}</span>
        <button
          type="button"
          onClick={() => {
            openAt(high, file);
          }}
        >
          Show on timeline
        </button>
      </header>
      {both?.is.absence === "binary" || both?.was.absence === "binary" ? (
        <div class="waiting">This file is not text.</div>
      ) : (
        both !== null && (
          <DiffView
            path={pathOf(both.file)}
            was={both.was.text ?? ""}
            is={both.is.text ?? ""}
            isWhole={isWhole}
          />
        )
      )}
    </>
  );
}

function DiffView(props: { path: string; was: string; is: string; isWhole: boolean }): JSX.Element {
  const { path, was, is, isWhole } = props;
  const place = useRef<HTMLDivElement>(null);
  const languages = languageOf.value;
  useEffect(wantLanguages, []);
  useEffect(() => {
    if (place.current === null) return undefined;
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
          ...(isWhole ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } }),
          diffConfig: { scanLimit: 2000, timeout: 300 },
        }),
      ],
    });
    return () => {
      view.destroy();
    };
  }, [path, was, is, languages, isWhole]);
  return <div class="code" ref={place} data-own-keys />;
}
