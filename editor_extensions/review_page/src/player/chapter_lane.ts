/** Drawing of the lane of chapters: tasks as bands with their titles, under them tests from red to
 *  green, and operations of git. */
import { linear } from "../episode/linear";
import type { Chapter } from "../storyline";
import type { Film } from "./film";
import type { Colours } from "./lanes";

/** Under the band of a task. */
export const TURN_HEIGHT = 4;
const LEAST_PX = 2;
const TITLE_ROOM_PX = 40;
const PADDING_PX = 5;

/** From where to where a chapter lies in the folded film. */
export function chapterStretch(film: Film, chapter: Chapter): [number, number] {
  return [film.foldedOf(chapter.seq_first), film.foldedOf(chapter.seq_last)];
}

export function drawChapters(
  context: CanvasRenderingContext2D,
  film: Film,
  chapters: readonly Chapter[],
  at: { readonly top: number; readonly height: number; readonly left: number },
  place: (folded: number) => number,
  colours: Colours,
): void {
  const band = at.height - TURN_HEIGHT - 2;
  let tasks = 0;
  for (const chapter of chapters) {
    const [first, last] = chapterStretch(film, chapter);
    const [from, to] = [place(first), place(last)];
    if (chapter.kind === "task") tasks++;
    if (to < at.left) continue;
    const width = Math.max(to - from, LEAST_PX);
    switch (chapter.kind) {
      case "task":
        context.fillStyle = colours[tasks % 2 === 0 ? "raised" : "accent-soft"] ?? "";
        context.fillRect(from, at.top + 1, width, band);
        drawTitle(
          context,
          chapter.title,
          Math.max(from, at.left),
          to,
          at.top + band / 2 + 1,
          colours,
        );
        break;
      case "red_green":
        context.fillStyle = colours["bad"] ?? "";
        context.fillRect(from, at.top + at.height - TURN_HEIGHT, width, TURN_HEIGHT - 1);
        if (chapter.outcome === "green") {
          context.fillStyle = colours["good"] ?? "";
          context.fillRect(to - 2, at.top + at.height - TURN_HEIGHT - 3, 5, TURN_HEIGHT + 2);
        }
        break;
      default:
        context.fillStyle = colours["git"] ?? "";
        context.fillRect(from - 0.5, at.top + 1, LEAST_PX, at.height - 2);
    }
  }
}

function drawTitle(
  context: CanvasRenderingContext2D,
  title: string,
  from: number,
  to: number,
  middle: number,
  colours: Colours,
): void {
  const room = to - from - 2 * PADDING_PX;
  if (room < TITLE_ROOM_PX) return;
  const points = Array.from(linear(title).replaceAll("\n", " "));
  let count = Math.min(points.length, Math.ceil(room / 3));
  const isWhole = count === points.length && context.measureText(points.join("")).width <= room;
  let text = points.join("");
  while (!isWhole && count > 0) {
    text = `${points.slice(0, count).join("")}…`;
    if (context.measureText(text).width <= room) break;
    count--;
  }
  context.fillStyle = colours["text"] ?? "";
  context.fillText(text, from + PADDING_PX, middle);
}
