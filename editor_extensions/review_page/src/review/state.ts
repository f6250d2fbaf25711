// What the review's screens share: the plan as the server has it, and the task looked at.
import { computed, effect, signal } from "@preact/signals";
import type { Opening } from "../episode/opening";
import type { FieldPlace, OpenEpisode, Summary } from "../episode/types";
import { openField } from "../player/output_hit";
import {
  attempt,
  go,
  isAnyRendered,
  message,
  moment,
  ownMasks,
  PlacedError,
  rendered,
  screen,
  setStoryteller,
  showEpisode,
  shown,
  trouble,
} from "../session";
import type { Plan } from "../schemas/plan";
import { RefusedError, type Client, type RefusedPlace } from "./client";
import { maskedWords } from "./checking";
import type { Changed, MaskedValue, Review, TaskStanding } from "./contract";
import { AS_PROPOSED, firstOf, partingOf, partingRow, rowsOf, type Parting, type Row } from "./day";
import { keepsOf } from "./plan_edits";
import type { Storyline } from "../storyline";

interface Begun {
  readonly client: Client;
  readonly review: Review;
  readonly base: Summary;
}

/** Set once the review is fetched; no screen is shown before. */
export const begun = signal<Begun | null>(null);
export const plan = signal<Plan>({ base_sha256: "" });
export const revision = signal(0);
export const canUndo = signal(false);
/** How a person parted what is not kept: stored beside the plan, no part of what is shared. */
export const parting = signal<Parting>(AS_PROPOSED);
/** Grows when something changed that is no part of the plan, such as what was accepted. */
export const decisions = signal(0);

/** What became of each row, as the server says. */
export const standings = signal<readonly TaskStanding[]>([]);

const chosenKeep = signal(0);

export const keeps = computed(() => keepsOf(plan.value));
/** The kept task that Overview, To check and Sign are about; null when nothing is kept. */
export const keep = computed(() =>
  keeps.value.length === 0 ? null : Math.min(chosenKeep.value, keeps.value.length - 1),
);
export const rows = computed(() => {
  const now = begun.value;
  return now === null ? [] : rowsOf(now.review.proposals, plan.value, parting.value);
});
/** The kept rows by their place in the plan. */
export const keptRows = computed(() =>
  rows.value.filter((row) => row.keep !== null).toSorted((a, b) => (a.keep ?? 0) - (b.keep ?? 0)),
);

/** What became of a row: rows never overlap, so its first step names it. */
export function standingOf(row: Row): TaskStanding {
  const found = standings.value.find((one) => one.spans[0]?.from_seq === firstOf(row));
  const state = row.keep === null ? "nothing" : "included";
  return found ?? { spans: row.spans, state, audiences: [], partly: "nothing" };
}

/** The kept row that Overview, To check and Sign are about. */
export const keptRow = computed(() => keptRows.value.find((row) => row.keep === keep.value));

/** What was begun; screens are only mounted after that. */
export function now(): Begun {
  const value = begun.value;
  if (value === null) throw new Error("the review has not begun");
  return value;
}

/** Fetch the review and show its sealed episode; also after unmasking, which makes a new one. */
export async function begin(client: Client, opening: Opening | null = null): Promise<void> {
  const review = await client.json<Review>("GET", "/api/review");
  setStoryteller((sha256) => client.json<Storyline>("GET", `/api/storyline/${sha256}`));
  const episode = await showEpisode(
    opening ?? (await client.bytes("/api/base")),
    "base",
    BASE_LABEL,
  );
  if (episode.summary.sha256 !== review.base_sha256) {
    throw new Error("these are not the bytes that the terminal named: the file changed on disk");
  }
  begun.value = { client, review, base: episode.summary };
  ownMasks.value = episode.summary.header.masks ?? {};
  take(review);
  if (review.damage !== null) trouble.value = review.damage;
}

const BASE_LABEL = "everything that was recorded, only on this machine";

/** Take over a plan that the server answered with. */
export function take(changed: Changed): void {
  plan.value = changed.plan;
  revision.value = changed.revision;
  canUndo.value = changed.can_undo;
  parting.value = partingOf(changed.parting);
  standings.value = changed.tasks;
  if (shown.value?.role === "preview") isPreviewStale.value = true;
}

/** The plan as it is, for what changed nothing of it. */
export function unchanged(): Changed {
  return {
    plan: plan.value,
    revision: revision.value,
    can_undo: canUndo.value,
    parting: partingRow(parting.value),
    tasks: standings.value,
  };
}

/** While it is mounted: what was sent or withdrawn elsewhere is asked for when one looks again. */
export function followStandings(): () => void {
  const ask = (): void => {
    if (document.visibilityState !== "visible") return;
    void inTurn(async () => {
      take(await now().client.json<Changed>("GET", "/api/tasks"));
    });
  };
  document.addEventListener("visibilitychange", ask);
  globalThis.addEventListener("focus", ask);
  return () => {
    document.removeEventListener("visibilitychange", ask);
    globalThis.removeEventListener("focus", ask);
  };
}

let queue: Promise<unknown> = Promise.resolve();

/** Do one thing after another: each change is made from the plan that the one before left. */
function inTurn(work: () => Promise<void>): Promise<boolean> {
  const turn = queue.then(() => attempt(() => changing(work)));
  queue = turn;
  return turn;
}

async function changing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { at } = error;
    if (at !== null) throw new PlacedError(error.message, () => void showPlace(at));
    if (!error.isOutdated) throw error;
    const { client } = now();
    const review = await client.json<Review>("GET", "/api/review");
    if (review.base_sha256 !== now().review.base_sha256) await begin(client);
    else take(review);
    throw new Error(
      "The plan was changed elsewhere, so this change was not made. You see it as it is now.",
    );
  }
}

/** Change the plan, have it stored, and say what was done. Returns whether it was. */
export function change(edit: (plan: Plan) => Plan, said: string): Promise<boolean> {
  return inTurn(async () => {
    const next = edit(plan.value);
    if (next === plan.value) return;
    const body = { revision: revision.value, plan: next };
    take(await now().client.json<Changed>("PUT", "/api/plan", body));
    message.value = said;
  });
}

/** Split or join what is not kept. */
export function repart(edit: (parting: Parting) => Parting, said: string): Promise<boolean> {
  return inTurn(async () => {
    const body = {
      revision: revision.value,
      plan: plan.value,
      parting: partingRow(edit(parting.value)),
    };
    take(await now().client.json<Changed>("PUT", "/api/plan", body));
    message.value = said;
  });
}

/** Show in the sealed episode what a refusal is about. */
function showPlace(at: RefusedPlace): Promise<boolean> {
  if (at.field !== null) {
    return lookAtField(at.seq, { field: at.field, context: "", start: 0, length: 0 });
  }
  return lookAtBase(at.seq, "files", at.file);
}

/** Take the last change back. */
export function undo(): Promise<boolean> {
  return inTurn(async () => {
    if (!canUndo.value) return;
    const body = { revision: revision.value };
    take(await now().client.json<Changed>("POST", "/api/plan/undo", body));
    decisions.value += 1;
    message.value = "The last change is undone.";
  });
}

/** Do something that changes the plan in another way than by a whole new one. */
export function act(work: (client: Client) => Promise<Changed>, said: string): Promise<boolean> {
  return inTurn(async () => {
    take(await work(now().client));
    decisions.value += 1;
    message.value = said;
  });
}

/** Mask a value wherever it stands. It goes to the server's memory, never into the plan. */
export function maskValue(value: string): Promise<boolean> {
  return inTurn(async () => {
    const body = { value };
    const done = await now().client.json<MaskedValue>("POST", "/api/mask", body);
    take(done);
    decisions.value += 1;
    message.value = maskedWords(done);
  });
}

/** Choose the kept task that the other screens are about. */
export function choose(place: number): void {
  chosenKeep.value = place;
}

const isPreviewStale = signal(false);
const shownKeep = signal(0);
const PLAYER_SCREENS: ReadonlySet<string> = new Set(["timeline", "files", "output", "text"]);

/** Show a kept task in the player as it would be shared now. */
export async function lookAtPreview(place: number, id = "timeline"): Promise<boolean> {
  return attempt(async () => {
    await showPreview(place);
    go(id);
  });
}

async function showPreview(place: number): Promise<void> {
  const bytes = await now().client.bytes(`/api/keeps/${place}/preview`);
  shownKeep.value = place;
  isPreviewStale.value = false;
  await showEpisode(bytes, "preview", `task ${place + 1} as it would be shared`);
}

/** Show the sealed episode in the player, at a step. */
export async function lookAtBase(
  seq: number,
  id = "timeline",
  file: number | null = null,
): Promise<boolean> {
  return attempt(async () => {
    await showBase();
    go(id, { seq, file });
  });
}

/** Show a place in a field of a step of the sealed episode. */
export async function lookAtField(seq: number, field: FieldPlace): Promise<boolean> {
  return attempt(async () => openField(await showBase(), seq, field));
}

async function showBase(): Promise<OpenEpisode> {
  const at = shown.value;
  if (at?.role === "base") return at.episode;
  return showEpisode(await now().client.bytes("/api/base"), "base", BASE_LABEL);
}

let told: Promise<unknown> = Promise.resolve();

/** What is looked at in a preview is told as it comes: what has the same content in the final file
 *  has been looked at. */
export function followLooking(): () => void {
  return effect(() => {
    const at = shown.value;
    const body = rendered.value;
    if (at?.role !== "preview" || !isAnyRendered.value) return;
    const { sha256 } = at.episode.summary;
    told = told.then(() =>
      attempt(() => now().client.json("POST", "/api/previews/seen", { sha256, ...body })),
    );
  });
}

/** Resolves when all of it is told. */
export function allIsTold(): Promise<unknown> {
  return told;
}

/** A preview in the player follows the plan: it is made anew where the plan changed. */
export function followPlan(): () => void {
  return effect(() => {
    if (!isPreviewStale.value || !PLAYER_SCREENS.has(screen.value)) return;
    isPreviewStale.value = false;
    // What is signed is looked at in the final bytes: nothing takes their place by itself.
    if (shown.peek()?.role !== "preview") return;
    const at = moment.peek();
    void attempt(async () => {
      if (shownKeep.peek() >= keeps.peek().length) return;
      await showPreview(shownKeep.peek());
      moment.value = Math.min(at, (shown.peek()?.episode.summary.steps ?? 1) - 1);
    });
  });
}
