/** Drawing of the timeline's lanes on a canvas. */
import { clockText } from "../episode/steps";
import { ACTORS, LANES, type Lane, type Mark } from "../episode/types";
import type { Chapter } from "../storyline";
import { drawChapters } from "./chapter_lane";
import type { Film } from "./film";

export const AXIS_HEIGHT = 22;
export const LANE_HEIGHT = 19;
export const EDIT_HEIGHT = 34;
export const NAMES_WIDTH = 92;
/** The lane of chapters, above all others. */
export const CHAPTERS = { top: AXIS_HEIGHT, height: 24 };
const RIGHT_MARGIN = 14;
/** A gap without a length is seen too. */
const LEAST_GAP_PX = 2;

/** The stretch of the folded film that is shown. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Top and height of each lane. */
export const PLACES: ReadonlyMap<Lane, { top: number; height: number }> = (() => {
  const made = new Map<Lane, { top: number; height: number }>();
  let top = CHAPTERS.top + CHAPTERS.height;
  for (const lane of LANES) {
    const height = lane === "edits" ? EDIT_HEIGHT : LANE_HEIGHT;
    made.set(lane, { top, height });
    top += height;
  }
  return made;
})();
export const HEIGHT =
  CHAPTERS.top + CHAPTERS.height + EDIT_HEIGHT + LANE_HEIGHT * (LANES.length - 1) + 4;

export const LANE_NAMES: Readonly<Record<Lane, string>> = {
  edits: "Edits",
  views: "Looked at",
  diagnostics: "Problems",
  commands: "Commands",
  tests: "Tests",
  git: "Git, files",
  agents: "Agents",
  notes: "Tasks, notes",
  gaps: "Gaps",
};

export type Colours = Readonly<Record<string, string>>;

/** The theme's colours as a canvas takes them. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const names = [
    "ground",
    "surface",
    "raised",
    "line",
    "text",
    "muted",
    "accent",
    "accent-soft",
    "good",
    "bad",
    "warn",
    ...ACTORS,
  ];
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
}

/** Where a folded time lies on the canvas. */
export function placeOf(folded: number, shown: Window, width: number): number {
  return NAMES_WIDTH + ((folded - shown.from) / (shown.to - shown.from)) * drawnWidth(width);
}

/** The folded time at a place of the canvas. */
export function timeAt(x: number, shown: Window, width: number): number {
  return shown.from + ((x - NAMES_WIDTH) / drawnWidth(width)) * (shown.to - shown.from);
}

/** Room is left at the right, so that the last mark is whole. */
function drawnWidth(width: number): number {
  return Math.max(width - NAMES_WIDTH - RIGHT_MARGIN, 1);
}

export function drawLanes(
  context: CanvasRenderingContext2D,
  film: Film,
  chapters: readonly Chapter[],
  shown: Window,
  width: number,
  colours: Colours,
): void {
  context.clearRect(0, 0, width, HEIGHT);
  const place = (folded: number): number => placeOf(folded, shown, width);
  drawGround(context, width, colours);
  context.save();
  context.beginPath();
  context.rect(NAMES_WIDTH, 0, width - NAMES_WIDTH, HEIGHT);
  context.clip();
  drawAxis(context, film, shown, width, colours);
  drawFolds(context, film, place, colours);
  drawChapters(context, film, chapters, { ...CHAPTERS, left: NAMES_WIDTH }, place, colours);
  drawEdits(context, film, shown, width, colours);
  for (const lane of LANES) {
    if (lane !== "edits") drawLane(context, film, lane, shown, place, colours);
  }
  context.restore();
}

function colour(colours: Colours, name: string): string {
  return colours[name] ?? "";
}

function drawGround(context: CanvasRenderingContext2D, width: number, colours: Colours): void {
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = colour(colours, "muted");
  context.fillText("Chapters", 14, CHAPTERS.top + CHAPTERS.height / 2 + 0.5);
  for (const [n, lane] of LANES.entries()) {
    const { top, height } = PLACES.get(lane) ?? { top: 0, height: 0 };
    if (n % 2 === 0) {
      context.fillStyle = colour(colours, "surface");
      context.fillRect(0, top, width, height);
    }
    context.fillStyle = colour(colours, "muted");
    context.fillText(LANE_NAMES[lane], 14, top + height / 2 + 0.5);
  }
}

const TICKS_MS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200].map((s) => s * 1000);

function drawAxis(
  context: CanvasRenderingContext2D,
  film: Film,
  shown: Window,
  width: number,
  colours: Colours,
): void {
  const perPixel = (shown.to - shown.from) / (width - NAMES_WIDTH);
  const step = TICKS_MS.find((one) => one / perPixel >= 86) ?? 7_200_000;
  const first = film.timeOf(film.stepAt(shown.from));
  const last = film.timeOf(film.stepAt(shown.to));
  context.fillStyle = colour(colours, "muted");
  context.strokeStyle = colour(colours, "line");
  context.beginPath();
  let before = -Infinity;
  for (let t = Math.floor(first / step) * step; t <= last + step; t += step) {
    const x = Math.round(placeOf(film.foldedTime(t), shown, width)) + 0.5;
    if (x - before < 60) continue;
    before = x;
    context.moveTo(x, AXIS_HEIGHT - 5);
    context.lineTo(x, HEIGHT);
    context.fillText(clockText(t), x + 3, AXIS_HEIGHT / 2);
  }
  context.stroke();
}

/** Where time was folded: a seam, so that silence is not taken for thinking. */
function drawFolds(
  context: CanvasRenderingContext2D,
  film: Film,
  place: (folded: number) => number,
  colours: Colours,
): void {
  context.fillStyle = colour(colours, "raised");
  let before = -Infinity;
  for (let seq = 1; seq < film.steps; seq++) {
    const real = (film.tMs[seq] ?? 0) - (film.tMs[seq - 1] ?? 0);
    const folded = (film.folded[seq] ?? 0) - (film.folded[seq - 1] ?? 0);
    if (real <= folded) continue;
    const from = place(film.folded[seq - 1] ?? 0);
    const to = place(film.folded[seq] ?? 0);
    if (to < NAMES_WIDTH || to - before < 1) continue;
    context.fillRect(from + 1, AXIS_HEIGHT, Math.max(to - from - 2, 1), HEIGHT - AXIS_HEIGHT);
    before = to;
  }
}

/** Edits per column of pixels: height says how many, colours who. */
function drawEdits(
  context: CanvasRenderingContext2D,
  film: Film,
  shown: Window,
  width: number,
  colours: Colours,
): void {
  const { edits } = film.summary;
  const { top, height } = PLACES.get("edits") ?? { top: 0, height: 0 };
  const columns = new Map<number, Uint32Array>();
  for (let n = 0; n < edits.count; n++) {
    const x = placeOf(film.folded[edits.seq[n] ?? 0] ?? 0, shown, width);
    if (x < NAMES_WIDTH - 2 || x > width) continue;
    const key = Math.floor(x / 2);
    let counts = columns.get(key);
    if (counts === undefined) columns.set(key, (counts = new Uint32Array(ACTORS.length)));
    const actor = edits.actor[n] ?? 0;
    counts[actor] = (counts[actor] ?? 0) + 1;
  }
  let most = 1;
  for (const counts of columns.values())
    most = Math.max(
      most,
      counts.reduce((a, b) => a + b, 0),
    );
  for (const [key, counts] of columns) {
    const total = counts.reduce((a, b) => a + b, 0);
    const tall = Math.max((Math.log1p(total) / Math.log1p(most)) * (height - 6), 2);
    let bottom = top + height - 2;
    for (const [actor, count] of counts.entries()) {
      if (count === 0) continue;
      const part = (tall * count) / total;
      context.fillStyle = colour(colours, ACTORS[actor] ?? "unknown");
      context.fillRect(key * 2, bottom - part, 2, part);
      bottom -= part;
    }
  }
}

function drawLane(
  context: CanvasRenderingContext2D,
  film: Film,
  lane: Lane,
  shown: Window,
  place: (folded: number) => number,
  colours: Colours,
): void {
  const { top, height } = PLACES.get(lane) ?? { top: 0, height: 0 };
  const middle = top + height / 2;
  let before = -Infinity;
  let wasGood: boolean | null = null;
  for (const mark of film.lanes.get(lane) ?? []) {
    const folded = film.folded[mark.seq] ?? 0;
    if (folded > shown.to) break;
    const x = place(folded);
    const [first, last] = film.stretchOf(mark);
    const [from, to] = [place(first), place(last)];
    if (to < NAMES_WIDTH) continue;
    // What lies in one pixel is drawn once, but a failure is never hidden by a success.
    if (to - before < 1 && mark.good === wasGood) continue;
    before = to;
    wasGood = mark.good;
    drawMark(context, lane, mark, x, [from, to], middle, height, colours);
  }
}

function drawMark(
  context: CanvasRenderingContext2D,
  lane: Lane,
  mark: Mark,
  x: number,
  [from, to]: readonly [number, number],
  middle: number,
  height: number,
  colours: Colours,
): void {
  const state = mark.good === null ? "muted" : mark.good ? "good" : "bad";
  switch (lane) {
    case "views":
      context.fillStyle = colour(colours, "preexisting");
      context.fillRect(x, middle - 3, 1, 6);
      return;
    case "diagnostics":
      context.fillStyle = colour(colours, "warn");
      context.fillRect(x - 0.5, middle - 4, 1.5, 8);
      return;
    case "commands":
      context.fillStyle = colour(colours, state);
      context.fillRect(from, middle - 1, Math.max(x - from, 1), 2);
      triangle(context, x, middle, mark.good === false ? -4 : 4);
      return;
    case "tests":
      context.fillStyle = colour(colours, state);
      context.strokeStyle = colour(colours, state);
      if (mark.good === false) cross(context, x, middle);
      else disc(context, x, middle);
      return;
    case "git":
      context.fillStyle = colour(colours, "git");
      diamond(context, x, middle);
      return;
    case "agents":
      context.fillStyle = colour(colours, mark.good === false ? "bad" : "assistant");
      context.fillRect(x - 1, middle - 5, 3, 10);
      return;
    case "notes":
      context.fillStyle = colour(colours, "accent");
      flag(context, x, middle);
      return;
    case "gaps":
      context.fillStyle = colour(colours, "muted");
      context.fillRect(
        from,
        middle - height / 2 + 4,
        Math.max(to - from, LEAST_GAP_PX),
        height - 8,
      );
      return;
    default:
  }
}

function triangle(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.moveTo(x - 4, y + size);
  context.lineTo(x + 4, y + size);
  context.lineTo(x, y - size);
  context.fill();
}

function disc(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 3.6, 0, 2 * Math.PI);
  context.fill();
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.lineWidth = 2.2;
  context.beginPath();
  context.moveTo(x - 3.5, y - 3.5);
  context.lineTo(x + 3.5, y + 3.5);
  context.moveTo(x - 3.5, y + 3.5);
  context.lineTo(x + 3.5, y - 3.5);
  context.stroke();
  context.lineWidth = 1;
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x + 4.5, y);
  context.lineTo(x, y + 5);
  context.lineTo(x - 4.5, y);
  context.fill();
}

function flag(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.fillRect(x - 0.5, y - 6, 1.5, 12);
  context.beginPath();
  context.moveTo(x + 1, y - 6);
  context.lineTo(x + 9, y - 3);
  context.lineTo(x + 1, y);
  context.fill();
}
