/** Two ways out that share nothing: leave, and discard, which asks. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { attempt } from "../session";
import { Dialog } from "../ui/parts";
import { recovery } from "./final_state";
import { Recovery } from "./recovery";
import { keptRows, now, standingOf } from "./state";
import { leavingWords } from "./leaving_words";

type Left = "no" | "left" | "discarded";

export const left = signal<Left>("no");
const isAsked = signal(false);

export function Leaving(): JSX.Element {
  const states = keptRows.value.map((row) => standingOf(row).state);
  const isSigned = states.some((state) => state === "signed" || state === "sent");
  return (
    <>
      <Recovery />
      <Exits isSigned={isSigned} words={leavingWords(states)} />
    </>
  );
}

function Exits({ isSigned, words }: { isSigned: boolean; words: string }): JSX.Element {
  return (
    <section class="card row rv-leaving" aria-label="Leave">
      <p class="grow" data-leaving>
        {recovery.value === null ? words : "Save your recovery code first."}
      </p>
      <button type="button" disabled={recovery.value !== null} onClick={() => void leave()}>
        {isSigned ? "Close the review" : "Leave without signing"}
      </button>
      {!isSigned && (
        <button type="button" class="danger" onClick={() => (isAsked.value = true)}>
          Discard the recording…
        </button>
      )}
      {isAsked.value && <DiscardDialog />}
    </section>
  );
}

function DiscardDialog(): JSX.Element {
  const close = (): void => {
    isAsked.value = false;
  };
  return (
    <Dialog label="Discard the recording" onClose={close}>
      <div class="column">
        <h1>Discard the whole recording?</h1>
        <p>
          The sealed episode and what was recorded for it are deleted here, all tasks of it, not
          only this one. It cannot be undone. Backups and snapshots are not ours to delete.
        </p>
        <div class="row">
          <button type="button" class="main" onClick={close} autofocus>
            Keep it
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => {
              close();
              void discard();
            }}
          >
            Discard it
          </button>
        </div>
      </div>
    </Dialog>
  );
}

async function leave(): Promise<void> {
  const isDone = await attempt(() => now().client.json("POST", "/api/leave", {}));
  if (isDone) left.value = "left";
}

async function discard(): Promise<void> {
  const isDone = await attempt(() =>
    now().client.json("POST", "/api/discard", { confirmed: true }),
  );
  if (isDone) left.value = "discarded";
}

/** What stands in place of every review screen once the review is over. */
export function Over(): JSX.Element {
  return (
    <div class="sheet">
      <div class="card column" role="status">
        <h1>{left.value === "discarded" ? "Discarded" : "The review is closed"}</h1>
        <p>
          {left.value === "discarded"
            ? "The recording is deleted here. You can close this page."
            : "Nothing was sent. Your plan is saved: `signoff review` goes on with it. You can close this page."}
        </p>
      </div>
    </div>
  );
}
