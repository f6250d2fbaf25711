/** The lanes with the moment on them: click or drag to go anywhere, wheel to zoom. */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { linear } from "../episode/linear";
import { kindWords } from "../episode/shown_words";
import { clockText } from "../episode/steps";
import { LANES, type Mark } from "../episode/types";
import { moment, pinnedFile, storyline } from "../session";
import { chapterWords, type Chapter } from "../storyline";
import { theme } from "../ui/theme";
import type { Film } from "./film";
import { TURN_HEIGHT, chapterStretch } from "./chapter_lane";
import {
  CHAPTERS,
  HEIGHT,
  NAMES_WIDTH,
  PLACES,
  coloursOf,
  drawLanes,
  placeOf,
  timeAt,
  type Window,
} from "./lanes";
import { isDragged, isPlaying, marked, moveTo } from "./player_state";

/** How far from the pointer a thing may lie that is meant. */
const NEAR_PX = 4;

/** The stretch shown; null is all of it. */
export const zoomed = signal<Window | null>(null);

export function windowOf(film: Film): Window {
  return zoomed.value ?? { from: 0, to: film.length };
}

/** Show less or more around the moment. */
export function zoomBy(film: Film, factor: number, around?: number): void {
  const { from, to } = windowOf(film);
  const length = Math.min(Math.max((to - from) * factor, 2000), film.length);
  const centre = around ?? film.foldedOf(moment.value);
  const share = to > from ? Math.min(Math.max((centre - from) / (to - from), 0), 1) : 0.5;
  const start = Math.min(Math.max(centre - share * length, 0), film.length - length);
  zoomed.value = length >= film.length ? null : { from: start, to: start + length };
}

/** Bring the moment into the stretch shown. */
function follow(film: Film): void {
  const shown = zoomed.value;
  if (shown === null) return;
  const now = film.foldedOf(moment.value);
  const margin = (shown.to - shown.from) * 0.05;
  if (now >= shown.from + margin && now <= shown.to - margin) return;
  const length = shown.to - shown.from;
  const from = Math.min(Math.max(now - length / 2, 0), Math.max(film.length - length, 0));
  if (from !== shown.from) zoomed.value = { from, to: from + length };
}

export function LanesView({ film }: { film: Film }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const shown = windowOf(film);
  const [hover, setHover] = useState<Hover | null>(null);
  const { chapters } = storyline.value;
  const look = theme.value;
  // Before the page is painted: with it, and in the colours that it has.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d") ?? null;
    if (context === null || canvas.current === null || width === 0) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = width * ratio;
    canvas.current.height = HEIGHT * ratio;
    context.scale(ratio, ratio);
    drawLanes(context, film, chapters, shown, width, coloursOf(canvas.current));
  }, [film, chapters, shown.from, shown.to, width, look]);
  const seq = moment.value;
  useEffect(() => {
    if (!isDragged.value) follow(film);
  }, [film, seq]);
  useEffect(
    () => () => {
      isDragged.value = false;
    },
    [],
  );
  const pointer = useRef({ x: 0, frame: 0 });
  // Once a frame is enough: more would keep the answers of the reader waiting.
  const scrub = (event: PointerEvent): void => {
    isPlaying.value = false;
    const own = pointer.current;
    own.x = event.clientX - (place.current?.getBoundingClientRect().left ?? 0);
    if (own.frame !== 0) return;
    own.frame = requestAnimationFrame(() => {
      own.frame = 0;
      pinnedFile.value = null;
      moveTo(film.stepAt(timeAt(Math.max(own.x, NAMES_WIDTH), windowOf(film), width)));
    });
  };
  const cursor = placeOf(film.foldedOf(seq), shown, width);
  return (
    <div
      class="lanes"
      ref={place}
      role="slider"
      tabIndex={0}
      aria-label="Moment"
      aria-valuemin={-1}
      aria-valuemax={film.steps - 1}
      aria-valuenow={seq}
      aria-valuetext={momentWords(film, seq)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        isDragged.value = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        const near = hover?.seq ?? null;
        if (near !== null && event.clientX > 0) {
          isPlaying.value = false;
          pinnedFile.value = null;
          moveTo(near);
        } else scrub(event);
      }}
      onPointerMove={(event) => {
        if (isDragged.value) {
          setHover(null);
          scrub(event);
          return;
        }
        const box = event.currentTarget.getBoundingClientRect();
        const x = event.clientX - box.left;
        const y = event.clientY - box.top;
        setHover(x < NAMES_WIDTH ? null : { x, ...under(film, chapters, shown, width, x, y) });
      }}
      onPointerUp={() => (isDragged.value = false)}
      onLostPointerCapture={() => (isDragged.value = false)}
      onPointerLeave={() => {
        setHover(null);
      }}
      onWheel={(event) => {
        event.preventDefault();
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
          pan(film, shown, (event.deltaX || event.deltaY) / width);
        } else {
          zoomBy(film, event.deltaY > 0 ? 1.25 : 0.8, timeAt(x, shown, width));
        }
      }}
    >
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${HEIGHT}px` }}
        aria-hidden="true"
      />
      <MarkedStretch film={film} shown={shown} width={width} />
      {cursor >= NAMES_WIDTH && cursor <= width && (
        <div class="now" style={{ transform: `translateX(${cursor}px)` }} />
      )}
      {hover !== null && (
        <div
          class="hover small"
          style={{ left: `${Math.min(Math.max(hover.x, NAMES_WIDTH + 4), width - 330)}px` }}
        >
          {hover.words}
        </div>
      )}
    </div>
  );
}

/** What is under the pointer: in words, and where a click goes; null: to the time there. */
interface Under {
  readonly words: string;
  readonly seq: number | null;
}

interface Hover extends Under {
  readonly x: number;
}

function under(
  film: Film,
  chapters: readonly Chapter[],
  shown: Window,
  width: number,
  x: number,
  y: number,
): Under {
  const chapter = chapterNear(film, chapters, shown, width, x, y);
  if (chapter !== null) {
    const words = `${clockText(chapter.t_ms)}  ${linear(chapterWords(chapter))}`;
    return { words, seq: chapter.seq_first };
  }
  const mark = markNear(film, shown, width, x, y);
  if (mark !== null) return { words: markWords(mark), seq: mark.seq };
  return { words: clockText(film.timeOf(film.stepAt(timeAt(x, shown, width)))), seq: null };
}

/** The chapter under the pointer, within a few pixels: of several the shortest; tests that turned
 *  lie at the bottom of the lane. */
function chapterNear(
  film: Film,
  chapters: readonly Chapter[],
  shown: Window,
  width: number,
  x: number,
  y: number,
): Chapter | null {
  if (y < CHAPTERS.top || y >= CHAPTERS.top + CHAPTERS.height) return null;
  const near = chapters.filter((one) => {
    const [from, to] = chapterStretch(film, one);
    return placeOf(from, shown, width) - NEAR_PX <= x && x <= placeOf(to, shown, width) + NEAR_PX;
  });
  const isLow = y >= CHAPTERS.top + CHAPTERS.height - 2 * TURN_HEIGHT;
  const meant = near.filter(({ kind }) => (kind === "red_green") === isLow);
  const length = (one: Chapter): number => one.seq_last - one.seq_first;
  return (meant.length > 0 ? meant : near).reduce<Chapter | null>(
    (best, one) => (best === null || length(one) < length(best) ? one : best),
    null,
  );
}

function pan(film: Film, shown: Window, share: number): void {
  if (zoomed.value === null) return;
  const length = shown.to - shown.from;
  const from = Math.min(
    Math.max(shown.from + share * length, 0),
    Math.max(film.length - length, 0),
  );
  zoomed.value = { from, to: from + length };
}

function MarkedStretch(props: { film: Film; shown: Window; width: number }): JSX.Element | null {
  if (marked.value === null) return null;
  const { film, shown, width } = props;
  const [from, to] = marked.value.map((seq) =>
    Math.min(Math.max(placeOf(film.foldedOf(seq), shown, width), NAMES_WIDTH), width),
  );
  const left = from ?? 0;
  return (
    <div
      class="marked"
      style={{ transform: `translateX(${left}px)`, width: `${Math.max((to ?? 0) - left, 2)}px` }}
    />
  );
}

/** The mark under the pointer, within a few pixels. */
function markNear(film: Film, shown: Window, width: number, x: number, y: number): Mark | null {
  const lane = LANES.find((one) => {
    const { top, height } = PLACES.get(one) ?? { top: 0, height: 0 };
    return y >= top && y < top + height;
  });
  if (lane === undefined || lane === "edits") return null;
  let best: Mark | null = null;
  let distance = 6;
  for (const mark of film.lanes.get(lane) ?? []) {
    const far = distanceOf(film, mark, x, (folded) => placeOf(folded, shown, width));
    if (far < distance) {
      distance = far;
      best = mark;
    }
  }
  return best;
}

/** How far a place is from a mark: from all of a gap, and from the sign of any other step. */
function distanceOf(film: Film, mark: Mark, x: number, place: (folded: number) => number): number {
  const [from, to] = film.stretchOf(mark);
  const first = place(mark.kind === "gap" ? from : to);
  return Math.max(first - x, x - place(to), 0);
}

function markWords(mark: Mark): string {
  return `${clockText(mark.tMs)}  ${kindWords(mark.kind)}  ${mark.label}`;
}

/** The moment in words, for those who do not see the lanes. */
export function momentWords(film: Film, seq: number): string {
  if (seq < 0) return "the start";
  const mark = film.markAt(seq);
  const what = mark === null ? "edit" : `${kindWords(mark.kind)} ${mark.label}`;
  return `${clockText(film.timeOf(seq))}, step ${seq}, ${what}`;
}

function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  const observer = useMemo(
    () =>
      new ResizeObserver(([entry]) => {
        setWidth(Math.floor(entry?.contentRect.width ?? 0));
      }),
    [],
  );
  useEffect(() => {
    if (place.current !== null) observer.observe(place.current);
    return () => {
      observer.disconnect();
    };
  }, []);
  return width;
}
