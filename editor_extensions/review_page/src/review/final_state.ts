// The final file of each included task: made, received, hashed, looked at; then signed or not.
import { computed, effect, signal } from "@preact/signals";
import type { Mark } from "../episode/types";
import { attempt, isAnyRendered, message, rendered, showEpisode, shown } from "../session";
import type { Changed, Final, Hub, Signed, Terms } from "./contract";
import { chosen, NOTHING_CHOSEN, type Choices } from "./signing";
import { allIsTold, begun, keep, keptRow, now, revision, take } from "./state";

/** The final file of one task, as it was made. */
interface Made extends Omit<Final, keyof Changed> {
  readonly terms: Terms | null;
  readonly signed: Signed | null;
  /** The change of the plan at which it was asked whether the plan still gives these bytes. */
  readonly checkedAt: number;
  /** Whether it does not. */
  readonly isOutdated: boolean;
  /** Its steps that have an output or a message. */
  readonly texts: readonly Mark[];
}

/** By task: what is made, signed or changed of one says nothing of another. */
const finals = signal<ReadonlyMap<string, Made>>(new Map());
const task = computed(() => {
  const spans = keptRow.value?.spans ?? [];
  return `${begun.value?.review.base_sha256 ?? ""} ${JSON.stringify(spans)}`;
});

export const made = computed(() => finals.value.get(task.value) ?? null);
export const terms = computed(() => made.value?.terms ?? null);
export const signed = computed(() => made.value?.signed ?? null);
/** Whether the plan was changed so that it gives other bytes for this task. */
export const isOutdated = computed(() => made.value?.isOutdated ?? false);
export const choices = signal<Choices>(NOTHING_CHOSEN);
export const isBusy = signal(false);

/** What was confirmed of one task is not confirmed of the next. */
effect(() => {
  void task.value;
  choices.value = { ...choices.peek(), isUnseenConfirmed: false, isAlone: false };
});

function note(name: string, final: Made | null): void {
  const next = new Map(finals.peek());
  if (final === null) next.delete(name);
  else next.set(name, final);
  finals.value = next;
}

/** Note something of the task whose final file has this digest. */
function update(sha256: string, change: Partial<Made>): void {
  for (const [name, final] of finals.peek()) {
    if (final.sha256 === sha256) note(name, { ...final, ...change });
  }
}
/** Whether the player shows the final bytes, so that looking counts. */
export const isShown = computed(
  () => shown.value?.role === "final" && shown.value.episode.summary.sha256 === made.value?.sha256,
);

/** Have the final file written and read back, fetch it, hash it here, and show it. */
export function makeFinal(place: number): Promise<boolean> {
  return busy(async () => {
    const { client } = now();
    await allIsTold();
    const final = await client.json<Final>("POST", `/api/keeps/${place}/final`, {});
    take(final);
    const { sha256, size_bytes, changed_since_preview, quality } = final;
    note(task.value, {
      sha256,
      size_bytes,
      changed_since_preview,
      quality,
      terms: null,
      signed: null,
      checkedAt: revision.value,
      isOutdated: false,
      texts: [],
    });
    choices.value = { ...choices.value, isUnseenConfirmed: false, isAlone: false };
    await showFinal();
  });
}

/** Show the final bytes in the player once more; what is looked at counts from here on. */
export function showFinalAgain(): Promise<boolean> {
  return busy(showFinal);
}

async function showFinal(): Promise<void> {
  const final = made.value;
  if (final === null) return;
  const bytes = await now().client.bytes(`/api/final/${final.sha256}`);
  const episode = await showEpisode(bytes, "final", `the final file ${final.sha256.slice(0, 12)}`);
  if (episode.summary.sha256 !== final.sha256) {
    note(task.value, null);
    throw new Error("The page received other bytes than those to be signed. Nothing was signed.");
  }
  update(final.sha256, { texts: episode.summary.outputs });
  await tellSeen();
  message.value = "The final file is made and open. Its digest is shown.";
}

/** Tell the server what was rendered of the final bytes, and fetch what can be signed now. */
export async function tellSeen(): Promise<void> {
  const final = made.value;
  const episode = shown.value?.episode;
  if (final === null || episode === undefined || !isShown.value) return;
  const { client } = now();
  const path = `/api/final/${final.sha256}`;
  await client.json("POST", `${path}/seen`, {
    sha256: episode.summary.sha256,
    ...rendered.value,
  });
  const offered = await client.json<Terms>("GET", `${path}/terms`);
  update(final.sha256, { terms: offered });
}

/** While Sign is open: after every change of the plan it is asked whether this task changed. */
export function followOutdated(): () => void {
  return effect(() => {
    const [final, place, at] = [made.value, keep.value, revision.value];
    if (final === null || place === null || final.checkedAt === at) return;
    void attempt(async () => {
      const path = `/api/keeps/${place}/digest`;
      const given = await now().client.json<{ sha256: string }>("GET", path);
      const isOutdated = given.sha256 !== final.sha256;
      update(final.sha256, { checkedAt: at, isOutdated });
    });
  });
}

/** While Sign is open: whatever was looked at meanwhile is told, once per change. */
export function followSeen(): () => void {
  return effect(() => {
    void rendered.value;
    if (!isAnyRendered.value || !isShown.value || signed.peek() !== null) return;
    void attempt(tellSeen);
  });
}

/** Ask the hub that is named for its terms, and show them; nothing else is sent. */
export function readHub(): Promise<boolean> {
  return busy(async () => {
    const audience = choices.value.audience.trim();
    const path = "/api/hub-terms";
    const { hub } = await now().client.json<{ hub: Hub | null }>("POST", path, { audience });
    choices.value = { ...choices.value, hub, hubOf: audience };
    message.value = "The hub's terms are shown.";
  });
}

/** Sign what is shown, on the terms chosen. */
export function sign(): Promise<boolean> {
  return busy(async () => {
    const [final, offered] = [made.value, terms.value];
    if (final === null || offered === null) return;
    const body = chosen(offered, choices.value);
    const path = `/api/final/${final.sha256}/sign`;
    const done = await now().client.json<Signed>("POST", path, body);
    update(final.sha256, { signed: done });
    take(done);
    if (done.recovery_code !== null) recovery.value = done.recovery_code;
    message.value = "Signed. Nothing was sent.";
  });
}

/** The recovery code until the person says that it is saved: it is shown this once. */
export const recovery = signal<string | null>(null);

async function busy(work: () => Promise<void>): Promise<boolean> {
  if (isBusy.value) return false;
  isBusy.value = true;
  const isDone = await attempt(work);
  isBusy.value = false;
  return isDone;
}
