/** What all screens share: the episode shown, the moment and file looked at, the way between. */
import { computed, signal } from "@preact/signals";
import type { FieldSpan, OpenEpisode, TextSpan } from "./episode/types";
import { openEpisode } from "./episode/client";
import type { Opening } from "./episode/opening";
import { NO_STORYLINE, type Storyline } from "./storyline";

/** Which bytes the player shows: the sealed episode, what a keep gives now, or the final bytes. */
export type ShownRole = "replay" | "base" | "preview" | "final";

export interface Shown {
  readonly episode: OpenEpisode;
  readonly role: ShownRole;
  /** What the header says of it, such as "task 2 as it would be shared". */
  readonly label: string;
}

/** The episode that Timeline, Files, Output and Text show. */
export const shown = signal<Shown | null>(null);
/** What tells the episode shown; empty until it is there, and where there is none. */
export const storyline = signal<Storyline>(NO_STORYLINE);
/** The moment looked at: the `seq` of the step just done, -1 for the start. */
export const moment = signal(-1);
/** The file looked at, by its place in `files`; null follows the moment. */
export const pinnedFile = signal<number | null>(null);
/** Which screen is open. */
export const screen = signal("timeline");
/** A short line for the person, told to screen readers too; emptied by the next. */
export const message = signal("");
/** What went wrong, until it is put away. */
export const trouble = signal("");
/** Shows the place that it is about, where there is one. */
export const troublePlace = signal<(() => void) | null>(null);

/** A failure of which a place in a recording can be shown. */
export class PlacedError extends Error {
  constructor(
    message: string,
    readonly show: () => void,
  ) {
    super(message);
  }
}

/** What was rendered from the bytes of the episode shown; a new episode begins anew. */
export const seenFiles = signal<ReadonlySet<number>>(new Set());
/** `seq` of steps whose outputs were rendered to their end. */
export const seenOutputs = signal<ReadonlySet<number>>(new Set());

/** Files of whose deleted texts each line was rendered. */
export const seenDeleted = signal<ReadonlySet<number>>(new Set());
/** Masks of the sealed episode that is reviewed: its texts stand beside those of what is shown. */
export const ownMasks = signal<Readonly<Record<string, string>>>({});

export const summary = computed(() => shown.value?.episode.summary ?? null);

/** What a review lets the player's screens do; null where there is no review. */
export interface ReviewActions {
  maskValue(value: string): void;
  maskText(mask: TextSpan): void;
  maskField(mask: FieldSpan): void;
  cutRange(from: number, to: number): void;
  cutFile(file: number): void;
}
export const reviewActions = signal<ReviewActions | null>(null);

/** Who tells an episode, by the digest of its bytes. */
type Storyteller = (sha256: string) => Promise<Storyline | null>;
let storyteller: Storyteller = () => Promise.resolve(null);

/** Name who tells the episodes that are shown from now on. */
export function setStoryteller(teller: Storyteller): void {
  storyteller = teller;
}

async function fetchStoryline({ summary: { sha256, faults } }: OpenEpisode): Promise<void> {
  if (faults.length > 0) return;
  // Without one the player plays all the same, and what failed is told where it is missed.
  const told = await storyteller(sha256).catch(() => null);
  if (shown.value?.episode.summary.sha256 === sha256) storyline.value = told ?? NO_STORYLINE;
}

/** Open an episode and show it in the player; the one shown before is closed. */
export async function showEpisode(
  bytes: Uint8Array<ArrayBuffer> | Opening,
  role: ShownRole,
  label: string,
): Promise<OpenEpisode> {
  const episode = await openEpisode(bytes);
  const before = shown.value;
  seenFiles.value = new Set();
  seenOutputs.value = new Set();
  seenDeleted.value = new Set();
  pinnedFile.value = null;
  moment.value = firstMoment(episode);
  storyline.value = NO_STORYLINE;
  shown.value = { episode, role, label };
  void fetchStoryline(episode);
  before?.episode.close();
  return episode;
}

/** The first edit: before it there is little to see. */
function firstMoment(episode: OpenEpisode): number {
  return episode.summary.edits.seq[0] ?? Math.min(0, episode.summary.steps - 1);
}

/** Note that a file of the episode shown was rendered. */
export function noteFileSeen(file: number): void {
  if (!seenFiles.value.has(file)) seenFiles.value = new Set([...seenFiles.value, file]);
}

/** Note that the outputs of a step were rendered to their end. */
export function noteOutputSeen(seq: number): void {
  if (!seenOutputs.value.has(seq)) seenOutputs.value = new Set([...seenOutputs.value, seq]);
}

/** Note that all that was deleted from a file was rendered. */
export function noteDeletedSeen(file: number): void {
  if (!seenDeleted.value.has(file)) seenDeleted.value = new Set([...seenDeleted.value, file]);
}

/** What was rendered of the episode shown, as the server takes it. */
export const rendered = computed(() => {
  const inOrder = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((a, b) => a - b);
  return {
    files: inOrder(seenFiles.value),
    outputs: inOrder(seenOutputs.value),
    deleted: inOrder(seenDeleted.value),
  };
});
export const isAnyRendered = computed(() =>
  Object.values(rendered.value).some((numbers) => numbers.length > 0),
);

/** Go to a screen, and to a moment and a file on it where they are given. */
export function go(id: string, at: { seq?: number; file?: number | null } = {}): void {
  if (at.seq !== undefined) moment.value = at.seq;
  if (at.file !== undefined) pinnedFile.value = at.file;
  screen.value = id;
}

/** Run what may fail; a failure is told to the person. Returns whether it went well. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
    troublePlace.value = error instanceof PlacedError ? error.show : null;
    return false;
  }
}
