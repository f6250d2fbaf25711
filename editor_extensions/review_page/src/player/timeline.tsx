/** The timeline: the file as it was at any moment, what happened around it, and all of the session
 *  in lanes. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { clockText } from "../episode/steps";
import { ACTORS } from "../episode/types";
import { keysOf, useKeys, type KeyActions } from "../keyboard";
import { timeOfDay } from "../origin";
import { message, moment, reviewActions, shown } from "../session";
import { isCalm } from "../ui/theme";
import type { Film } from "./film";
import { FilePane } from "./file_pane";
import { LanesView, zoomBy, zoomed } from "./lanes_view";
import { LOOKING, MOVING, PLAYING, togglePlaying } from "./player_keys";
import {
  chosenSpeed,
  colourAll,
  currentFile,
  film,
  isInFull,
  isPlaying,
  mark,
  marked,
  moveAlong,
  moveTo,
  speed,
} from "./player_state";
import { Chapters } from "./chapters";
import { RedTests } from "./red_tests";
import { SPEEDS } from "./speeds";
import { StepPanel } from "./step_panel";

export function Timeline(): JSX.Element {
  const now = film.value;
  if (now === null) return <div class="waiting">Opening…</div>;
  return <TimelineOf film={now} key={shown.value?.episode.summary.sha256} />;
}

function TimelineOf({ film: now }: { film: Film }): JSX.Element {
  usePlaying(now);
  const actions = useMemo(() => keyActions(now), [now]);
  useKeys(actions);
  return (
    <div class="timeline">
      <h1 class="only-heard">Timeline</h1>
      <div class="stage">
        <FilePane />
        <StepPanel film={now} />
      </div>
      <RedTests />
      <Legend film={now} />
      <Transport film={now} />
      <LanesView film={now} />
    </div>
  );
}

function keyActions(now: Film): KeyActions {
  return keysOf("timeline", {
    ...PLAYING,
    ...MOVING,
    ...LOOKING,
    zoom: (by: 1 | -1) => {
      zoomBy(now, by > 0 ? 0.5 : 2);
    },

    whole: () => (zoomed.value = null),
    writers: () => (colourAll.value = !colourAll.value),
    mark,
    cut: cutMarked,
    mask: nothingSelected,
    mask_here: nothingSelected,
    close: () => (marked.value = null),
  });
}

function nothingSelected(): void {
  message.value = "Select the text that you want to mask.";
}

function cutMarked(): void {
  if (marked.value === null || shown.value?.role !== "base") return;
  reviewActions.value?.cutRange(...marked.value);
  marked.value = null;
}

/** Move the moment while the film plays. */
function usePlaying(now: Film): void {
  const isOn = isPlaying.value;
  useEffect(() => {
    if (!isOn) return undefined;
    const isFull = isInFull.value;
    let played = isFull ? now.timeOf(moment.value) : now.foldedOf(moment.value);
    let before = performance.now();
    let frame = 0;
    const next = (time: number): void => {
      played += (time - before) * speed.value;
      before = time;
      const seq = isFull ? now.stepAtTime(played) : now.stepAt(played);
      if (seq !== moment.value) moveTo(seq);
      if (seq >= now.steps - 1) isPlaying.value = false;
      else frame = requestAnimationFrame(next);
    };
    frame = requestAnimationFrame(next);
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [isOn, now, isInFull.value]);
  useEffect(() => {
    if (isCalm.matches) isPlaying.value = false;
  }, []);
}

/** Who wrote what: by colour and by the line under the text. */
function Legend({ film: now }: { film: Film }): JSX.Element {
  const there = useMemo(() => {
    const found = new Set(now.summary.edits.actor);
    return ACTORS.filter((_, place) => found.has(place));
  }, [now]);
  return (
    <ul class="plain legend small" aria-label="Who wrote it">
      {there.map((actor) => (
        <li key={actor}>
          <span class={`born recent by-${actor}`}>{actor}</span>
        </li>
      ))}
    </ul>
  );
}

function Transport({ film: now }: { film: Film }): JSX.Element {
  const seq = moment.value;
  const clock = timeOfDay(now.summary.header, now.timeOf(seq));
  return (
    <div class="transport" role="toolbar" aria-label="Playing">
      <button
        type="button"
        class="play"
        onClick={togglePlaying}
        aria-label={isPlaying.value ? "Pause" : "Play"}
      >
        {isPlaying.value ? "❚❚" : "▶"}
      </button>
      <label>
        <span class="only-heard">Speed</span>
        <select
          value={String(speed.value)}
          onChange={(event) => (chosenSpeed.value = Number(event.currentTarget.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={String(one)}>
              {one}×
            </option>
          ))}
        </select>
      </label>
      <span class="clock mono">
        {clockText(now.timeOf(seq))}
        <span class="muted"> / {clockText(now.summary.durationMs)}</span>
      </span>
      <span class="small muted mono place">
        step {seq} of {now.steps - 1}
        {clock !== "" && <span data-clock> · {clock}</span>}
      </span>
      <span class="grow" />
      {marked.value !== null && <MarkedActions />}
      <Chapters />
      <Jump words="test run" forth="t" back="T" lane="tests" />
      <Jump words="git" forth="c" back="C" lane="git" />
      <Jump words="note" forth="n" back="N" lane="notes" />
      <span class="jump">
        <button
          type="button"
          class="quiet"
          aria-label="Zoom out (Z)"
          onClick={() => {
            zoomBy(now, 2);
          }}
        >
          −
        </button>
        <span class="small muted">zoom</span>
        <button
          type="button"
          class="quiet"
          aria-label="Zoom in (z)"
          onClick={() => {
            zoomBy(now, 0.5);
          }}
        >
          +
        </button>
      </span>
    </div>
  );
}

function Jump(props: {
  words: string;
  forth: string;
  back: string;
  lane: "tests" | "git" | "notes";
}): JSX.Element {
  const { words, forth, back, lane } = props;
  return (
    <span class="jump">
      <button
        type="button"
        class="quiet"
        aria-label={`Previous ${words} (${back})`}
        onClick={() => {
          moveAlong(lane, -1);
        }}
      >
        ‹
      </button>
      <span class="small muted">{words}</span>
      <button
        type="button"
        class="quiet"
        aria-label={`Next ${words} (${forth})`}
        onClick={() => {
          moveAlong(lane, 1);
        }}
      >
        ›
      </button>
    </span>
  );
}

function MarkedActions(): JSX.Element {
  const [from, to] = marked.value ?? [0, 0];
  const canCut = reviewActions.value !== null && shown.value?.role === "base";
  const file = currentFile.value;
  return (
    <span class="row">
      <span class="pill accent">
        steps {from} to {to} marked
      </span>
      {canCut && (
        <>
          <button type="button" class="danger" onClick={cutMarked}>
            Cut these steps <kbd>delete</kbd>
          </button>
          {file !== null && (
            <button
              type="button"
              class="danger"
              onClick={() => {
                reviewActions.value?.cutFile(file);
              }}
            >
              Cut this file
            </button>
          )}
        </>
      )}
      <button type="button" class="quiet" onClick={() => (marked.value = null)}>
        Unmark
      </button>
    </span>
  );
}
