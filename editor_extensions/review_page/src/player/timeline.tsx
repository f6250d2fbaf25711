/** The timeline: the file as it was at any moment, what happened around it, and all of the session
 *  in lanes. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { clockText } from "../episode/steps";
import { ACTORS } from "../episode/types";
import { useKeys } from "../keyboard";
import { moment, reviewActions, shown } from "../session";
import { isCalm } from "../ui/theme";
import type { Film } from "./film";
import { FilePane } from "./file_pane";
import { LanesView, zoomBy, zoomed } from "./lanes_view";
import {
  SPEEDS,
  colourAll,
  currentFile,
  film,
  isPlaying,
  markEnd,
  marked,
  moveAlong,
  moveBy,
  moveTo,
  moveToFile,
  speed,
} from "./player_state";
import { StepPanel } from "./step_panel";

export const TIMELINE_KEYS = [
  { keys: "← →", does: "a step back, a step on (Shift: ten)" },
  { keys: "Home End", does: "to the start, to the end" },
  { keys: "Space", does: "play, pause" },
  { keys: "[ ]", does: "slower, faster" },
  { keys: "n p", does: "next, previous test run" },
  { keys: "c C", does: "next, previous git operation" },
  { keys: "f F", does: "next, previous change to another file" },
  { keys: "t T", does: "next, previous task or note" },
  { keys: "e E", does: "next, previous command" },
  { keys: "+ - 0", does: "zoom in, out, all" },
  { keys: "h", does: "colour all text of the session, or only the latest" },
  { keys: "a b", does: "mark steps from here, up to here" },
  { keys: "x", does: "cut the marked steps (review)" },
  { keys: "m M", does: "mask the selected text everywhere, only here (review)" },
];

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
      <Legend film={now} />
      <Transport film={now} />
      <LanesView film={now} />
    </div>
  );
}

function keyActions(now: Film): Record<string, () => void> {
  return {
    ArrowLeft: () => {
      moveBy(-1);
    },
    ArrowRight: () => {
      moveBy(1);
    },
    "Shift+ArrowLeft": () => {
      moveBy(-10);
    },
    "Shift+ArrowRight": () => {
      moveBy(10);
    },
    Home: () => {
      moveBy(-Infinity);
    },
    End: () => {
      moveBy(Infinity);
    },
    " ": togglePlaying,
    "[": () => {
      changeSpeed(-1);
    },
    "]": () => {
      changeSpeed(1);
    },
    n: () => {
      moveAlong("tests", 1);
    },
    p: () => {
      moveAlong("tests", -1);
    },
    c: () => {
      moveAlong("git", 1);
    },
    C: () => {
      moveAlong("git", -1);
    },
    t: () => {
      moveAlong("notes", 1);
    },
    T: () => {
      moveAlong("notes", -1);
    },
    e: () => {
      moveAlong("commands", 1);
    },
    E: () => {
      moveAlong("commands", -1);
    },
    f: () => {
      moveToFile(1);
    },
    F: () => {
      moveToFile(-1);
    },
    "+": () => {
      zoomBy(now, 0.5);
    },
    "=": () => {
      zoomBy(now, 0.5);
    },
    "-": () => {
      zoomBy(now, 2);
    },
    "0": () => (zoomed.value = null),
    h: () => (colourAll.value = !colourAll.value),
    a: () => {
      markEnd("from");
    },
    b: () => {
      markEnd("to");
    },
    x: cutMarked,
    Escape: () => (marked.value = null),
  };
}

function cutMarked(): void {
  if (marked.value === null || shown.value?.role !== "base") return;
  reviewActions.value?.cutRange(...marked.value);
  marked.value = null;
}

function togglePlaying(): void {
  const steps = film.value?.steps ?? 0;
  if (!isPlaying.value && moment.value >= steps - 1) moveTo(-1);
  isPlaying.value = !isPlaying.value;
}

function changeSpeed(by: 1 | -1): void {
  const place = SPEEDS.indexOf(speed.value) + by;
  speed.value = SPEEDS[Math.min(Math.max(place, 0), SPEEDS.length - 1)] ?? 16;
}

/** Move the moment while the film plays. */
function usePlaying(now: Film): void {
  const isOn = isPlaying.value;
  useEffect(() => {
    if (!isOn) return undefined;
    let folded = now.foldedOf(moment.value);
    let before = performance.now();
    let frame = 0;
    const next = (time: number): void => {
      folded += (time - before) * speed.value;
      before = time;
      const seq = now.stepAt(folded);
      if (seq !== moment.value) moveTo(seq);
      if (seq >= now.steps - 1) isPlaying.value = false;
      else frame = requestAnimationFrame(next);
    };
    frame = requestAnimationFrame(next);
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [isOn, now]);
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
          onChange={(event) => (speed.value = Number(event.currentTarget.value))}
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
      <span class="small muted mono">
        step {seq} of {now.steps - 1}
      </span>
      <span class="grow" />
      {marked.value !== null && <MarkedActions />}
      <Jump words="test run" forth="n" back="p" lane="tests" />
      <Jump words="git" forth="c" back="C" lane="git" />
      <Jump words="note" forth="t" back="T" lane="notes" />
      <span class="jump">
        <button
          type="button"
          class="quiet"
          aria-label="Zoom out (-)"
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
          aria-label="Zoom in (+)"
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
            Cut these steps <kbd>x</kbd>
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
