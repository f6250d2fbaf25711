/** What changed between any two moments, file by file. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { signal } from "@preact/signals";
import { linearPath } from "../episode/linear";
import { kindWords } from "../episode/shown_words";
import { clockText } from "../episode/steps";
import type { ChangedFile, OpenEpisode } from "../episode/types";
import { keysOf, useKeys, type KeyActions } from "../keyboard";
import { message, moment, noteFileSeen, pinnedFile, reviewActions, shown } from "../session";
import { FilePath } from "../ui/parts";
import { VirtualList } from "../ui/virtual_list";
import { changeWords, changes, isFolding, stepChange } from "./diff_changes";
import { DiffView } from "./diff_view";
import type { Film } from "./film";
import { useLatest } from "./latest";
import { LOOKING } from "./player_keys";
import { film, openAt, pathOf } from "./player_state";

const LIST_PX = 30;
const MOST_MOMENTS = 400;
const NOTHING = { text: null, absence: "gone" } as const;

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
            onStep={(by) => {
              toChange(listed, place, by);
            }}
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

/** Go to the next change, or the one before: in this file, else in the next one. */
function toChange(listed: readonly ChangedFile[], place: number, by: 1 | -1): void {
  if (!stepChange(by)) {
    const other = listed[place + by];
    if (other === undefined) {
      message.value = by > 0 ? "This is the last change." : "This is the first change.";
      return;
    }
    pinnedFile.value = other.file;
    message.value = linearPath(pathOf(other.file));
    return;
  }
  message.value = changeWords();
}

function keyActions(listed: readonly ChangedFile[], place: number, high: number): KeyActions {
  const go = (by: 1 | -1): void => {
    const one = listed[place + by];
    if (one !== undefined) pinnedFile.value = one.file;
  };
  return keysOf("files", {
    ...LOOKING,
    change: (by: 1 | -1) => {
      toChange(listed, place, by);
    },
    row: go,
    cut: () => {
      const one = listed[place];
      if (one === undefined || reviewActions.value === null) return;
      if (shown.value?.role === "base") reviewActions.value.cutFile(one.file);
      else message.value = "A file is taken out where the recording is shown as it is.";
    },
    timeline: () => {
      const one = listed[place];
      if (one !== undefined) openAt(high, one.file);
    },
  });
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
      {clockText(mark.tMs)} {kindWords(mark.kind)} {mark.label}
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
      <FilePath path={pathOf(one.file)} />
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
  onStep: (by: 1 | -1) => void;
}): JSX.Element {
  const { episode, one, high, onStep } = props;
  const { file } = one;
  const both = useLatest(
    async () => ({
      file,
      was: one.was === "none" ? NOTHING : await episode.fileAt(file, one.wasSeq),
      is: one.is === "none" ? NOTHING : await episode.fileAt(file, high),
    }),
    [episode, one, high],
  );
  const isText = both?.is.absence !== "binary" && both?.was.absence !== "binary";
  useEffect(() => {
    if (both !== null && !isText) noteFileSeen(both.file);
  }, [both, isText]);
  return (
    <>
      <header class="pane-head">
        <FilePath path={pathOf(file)} />
        {isText && <ChangeSteps onStep={onStep} />}
        <button
          type="button"
          onClick={() => {
            openAt(high, file);
          }}
        >
          Show on timeline
        </button>
      </header>
      {!isText ? (
        <div class="waiting">This file is not text.</div>
      ) : (
        both !== null && (
          <DiffView
            path={pathOf(both.file)}
            was={both.was.text ?? ""}
            is={both.is.text ?? ""}
            onWhole={() => {
              noteFileSeen(both.file);
            }}
          />
        )
      )}
    </>
  );
}

/** Which change is looked at, and the way to the others. */
function ChangeSteps({ onStep }: { onStep: (by: 1 | -1) => void }): JSX.Element {
  const { folded } = changes.value;
  return (
    <>
      <span class="jump">
        <button
          type="button"
          class="quiet"
          aria-label="Previous change ([)"
          onClick={() => {
            onStep(-1);
          }}
        >
          ‹
        </button>
        <span class="small muted change-count">{changeWords()}</span>
        <button
          type="button"
          class="quiet"
          aria-label="Next change (])"
          onClick={() => {
            onStep(1);
          }}
        >
          ›
        </button>
      </span>
      <button
        type="button"
        class="quiet small"
        aria-pressed={!isFolding.value}
        title="A file counts as looked at when none of its lines is folded away"
        onClick={() => (isFolding.value = !isFolding.value)}
      >
        All lines
        {folded > 0 && ` (${folded.toLocaleString("en")} folded)`}
      </button>
    </>
  );
}
