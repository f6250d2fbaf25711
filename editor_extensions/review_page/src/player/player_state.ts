/** What the player's screens share: the film of the episode shown, how it is played and marked. */
import { computed, signal } from "@preact/signals";
import type { Lane } from "../episode/types";
import { clockText } from "../episode/steps";
import { go, message, moment, pinnedFile, shown, storyline, summary } from "../session";
import { chapterWords, nextChapter, type Chapter } from "../storyline";
import { linear } from "../episode/linear";
import { Film } from "./film";
import { speedFor } from "./speeds";

export const film = computed(() => (summary.value === null ? null : new Film(summary.value)));

/** The file looked at: the one chosen, else the one the moment is about. */
export const currentFile = computed(() => {
  if (pinnedFile.value !== null) return pinnedFile.value;
  const here = film.value?.file[Math.max(moment.value, 0)] ?? -1;
  return here >= 0 ? here : null;
});

/** Whether everything the session brought is coloured, or only what is recent. */
export const colourAll = signal(false);
export const isPlaying = signal(false);
/** Whether the moment is being dragged. */
export const isDragged = signal(false);
/** Whether the moment moves by itself or under the pointer, faster than all of a screen is read:
 *  then only the text follows every frame, and the rest when it comes to rest. */
export const isMoving = computed(() => isPlaying.value || isDragged.value);
/** The speed that the person chose; null: none yet. */
export const chosenSpeed = signal<number | null>(null);
/** How many seconds of the session pass in one. */
export const speed = computed(
  () => chosenSpeed.value ?? speedFor((film.value?.length ?? 0) / 1000),
);
/** Whether silence is played as long as it was. */
export const isInFull = signal(false);
/** Which steps Output lists: of one kind, all, or all but the many findings of linters. */
export const kinds = signal("most");
/** A marked stretch of steps, from and to; null: none. */
export const marked = signal<readonly [number, number] | null>(null);

/** Move to a step, within the episode. */
export function moveTo(seq: number): void {
  const steps = film.value?.steps ?? 0;
  moment.value = Math.max(-1, Math.min(seq, steps - 1));
}

export function moveBy(steps: number): void {
  isPlaying.value = false;
  moveTo(moment.value + steps);
}

/** Move to the next step of a lane, or the one before; says so when there is none. */
export function moveAlong(lane: Lane, direction: 1 | -1): void {
  isPlaying.value = false;
  const found = film.value?.nextOf(lane, moment.value, direction) ?? null;
  const name =
    lane === "tests"
      ? "test run"
      : lane === "notes"
        ? "note or task"
        : lane === "git"
          ? "git operation"
          : lane;
  moveToFound(found, direction, name);
}

/** Move to where the next chapter begins, or the one before. */
export function moveToChapter(direction: 1 | -1): void {
  isPlaying.value = false;
  const found = nextChapter(storyline.value, moment.value, direction);
  if (found === null) message.value = `No ${direction > 0 ? "later" : "earlier"} chapter.`;
  else goToChapter(found);
}

/** Move to where a chapter begins. */
export function goToChapter(chapter: Chapter): void {
  isPlaying.value = false;
  pinnedFile.value = null;
  moveTo(chapter.seq_first);
  message.value = `${clockText(chapter.t_ms)} ${linear(chapterWords(chapter))}`;
}

function moveToFound(found: number | null, direction: 1 | -1, name: string): void {
  if (found === null) message.value = `No ${direction > 0 ? "later" : "earlier"} ${name}.`;
  else {
    pinnedFile.value = null;
    moveTo(found);
    message.value = `${clockText(film.value?.timeOf(found) ?? 0)} ${film.value?.markAt(found)?.label ?? ""}`;
  }
}

/** Move to where the next other file comes into view, or the one before. */
export function moveToFile(direction: 1 | -1): void {
  isPlaying.value = false;
  pinnedFile.value = null;
  const found = film.value?.nextFile(moment.value, direction) ?? null;
  if (found !== null) moveTo(found);
}

/** Where marking began, while it waits for its end. */
let markedFrom: number | null = null;

/** Mark from here; the second time, from there up to here. */
export function mark(): void {
  const here = Math.max(moment.value, 0);
  const from = marked.value === null ? null : markedFrom;
  markedFrom = from === null ? here : null;
  marked.value = from === null ? [here, here] : [Math.min(from, here), Math.max(from, here)];
}

/** Open the timeline at a step. */
export function openAt(seq: number, file: number | null = null): void {
  isPlaying.value = false;
  go("timeline", { seq, file });
}

/** The path of a file of the episode shown. */
export function pathOf(file: number): string {
  return shown.value?.episode.summary.files[file] ?? "";
}
