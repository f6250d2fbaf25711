/** The search over everything in the episode, which all screens of the player share. */
import { signal } from "@preact/signals";
import type { Hit } from "../episode/types";
import { attempt, go, message, shown } from "../session";
import { openField } from "./output_hit";
import { openAt } from "./player_state";

export const query = signal("");
export const matchCase = signal(false);
export const isPattern = signal(false);
export const tab = signal<"search" | "deleted">("search");
/** Of which file the deleted texts are listed; null: of all. */
export const deletedFile = signal<number | null>(null);
/** What the last search found, in order. */
export const hits = signal<readonly Hit[]>([]);
/** Which of them was gone to last. */
const at = signal(-1);
/** Counts how often the field was asked for. */
export const asked = signal(0);

/** Take what a search found. */
export function takeHits(found: readonly Hit[]): void {
  hits.value = found;
  at.value = -1;
}

/** Go to the field. */
export function askSearch(): void {
  tab.value = "search";
  asked.value++;
  go("text");
}

/** Go to what was deleted from a file. */
export function openDeleted(file: number | null): void {
  tab.value = "deleted";
  deletedFile.value = file;
  go("text");
}

/** Go to the next place found, or the one before, round the ends. */
export function goToHit(by: 1 | -1): void {
  const count = hits.value.length;
  if (count === 0) {
    message.value = "Nothing was searched for yet: / asks for the text.";
    askSearch();
    return;
  }
  at.value = at.value < 0 && by < 0 ? count - 1 : (at.value + by + count) % count;
  const hit = hits.value[at.value];
  if (hit !== undefined) openHit(hit);
  message.value = `Hit ${at.value + 1} of ${count}.`;
}

/** Show a place found: in the output of a step, else on the timeline. */
export function openHit(hit: Hit): void {
  const episode = shown.value?.episode;
  if (hit.where === "step" && episode !== undefined) {
    const { field, before, found, behind } = hit;
    const [start, length] = [before, found].map((text) => Array.from(text).length);
    const place = {
      field,
      context: before + found + behind,
      start: start ?? 0,
      length: length ?? 0,
    };
    void attempt(() => openField(episode, hit.seq, place));
  } else openAt(hit.seq, hit.file >= 0 ? hit.file : null);
}
