// The final file of one kept task: made, received, hashed, looked at; then signed or not.
import { computed, effect, signal } from "@preact/signals";
import { attempt, message, seenFiles, seenOutputs, showEpisode, shown } from "../session";
import type { Changed, Final, Signed, Terms } from "./contract";
import { chosen, NOTHING_CHOSEN, type Choices } from "./signing";
import { keep, now, revision, take } from "./state";

interface Made extends Omit<Final, keyof Changed> {
  readonly keep: number;
  readonly revision: number;
}

export const made = signal<Made | null>(null);
export const terms = signal<Terms | null>(null);
export const choices = signal<Choices>(NOTHING_CHOSEN);
export const signed = signal<Signed | null>(null);
export const isBusy = signal(false);

/** Whether the plan is still the one that the final file was made from. */
export const isOutdated = computed(
  () =>
    made.value !== null &&
    (made.value.revision !== revision.value || made.value.keep !== keep.value),
);
/** Whether the player shows the final bytes, so that looking counts. */
export const isShown = computed(
  () => shown.value?.role === "final" && shown.value.episode.summary.sha256 === made.value?.sha256,
);

/** Have the final file written and read back, fetch it, hash it here, and show it. */
export function makeFinal(place: number): Promise<boolean> {
  return busy(async () => {
    const { client } = now();
    const final = await client.json<Final>("POST", `/api/keeps/${place}/final`, {});
    take(final);
    const { sha256, size_bytes, changed_since_preview } = final;
    made.value = {
      sha256,
      size_bytes,
      changed_since_preview,
      keep: place,
      revision: revision.value,
    };
    [signed.value, terms.value] = [null, null];
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
    made.value = null;
    throw new Error("The page received other bytes than those to be signed. Nothing was signed.");
  }
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
    files: [...seenFiles.value].sort((a, b) => a - b),
    outputs: [...seenOutputs.value].sort((a, b) => a - b),
  });
  const offered = await client.json<Terms>("GET", `${path}/terms`);
  if (made.value?.sha256 === final.sha256) terms.value = offered;
}

/** While Sign is open: whatever was looked at meanwhile is told, once per change. */
export function followSeen(): () => void {
  return effect(() => {
    const seen = seenFiles.value.size + seenOutputs.value.size;
    if (seen === 0 || !isShown.value || signed.peek() !== null) return;
    void attempt(tellSeen);
  });
}

/** Sign what is shown, on the terms chosen. */
export function sign(): Promise<boolean> {
  return busy(async () => {
    const [final, offered] = [made.value, terms.value];
    if (final === null || offered === null) return;
    const body = chosen(offered, choices.value);
    const path = `/api/final/${final.sha256}/sign`;
    signed.value = await now().client.json<Signed>("POST", path, body);
    message.value = "Signed. Nothing was sent.";
  });
}

async function busy(work: () => Promise<void>): Promise<boolean> {
  if (isBusy.value) return false;
  isBusy.value = true;
  const isDone = await attempt(work);
  isBusy.value = false;
  return isDone;
}
