/** Before what sealing masked is shown again: all that would be, and a second yes. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { attempt, message } from "../session";
import { Dialog, Path, Recorded } from "../ui/parts";
import { RefusedError } from "./client";
import type { Changed, Group, Item, MaskedPlaces, Unmasked } from "./contract";
import { act, begin, now, unchanged } from "./state";
import { count } from "./words";

interface Asked {
  readonly group: Group | Item;
  readonly places: MaskedPlaces;
  /** What the server said of a value that this machine knows; null at the first asking. */
  readonly exact: string | null;
}

const asked = signal<Asked | null>(null);

/** Ask, once it is counted what stands behind the group in the whole recording. */
export function askToUnmask(keep: number, group: Group | Item): void {
  message.value = "Counting its places…";
  void attempt(async () => {
    const path = `/api/keeps/${keep}/check/${encodeURIComponent(group.id)}/places`;
    const places = await now().client.json<MaskedPlaces>("GET", path);
    message.value = "";
    asked.value = { group, places, exact: null };
  });
}

/** The second confirmation, and a third for a value that this machine knows to be secret. */
export function Unmasking(): JSX.Element | null {
  const question = asked.value;
  if (question === null) return null;
  const { group, places, exact } = question;
  const close = (): void => {
    asked.value = null;
  };
  const all = `${count(places.values, "value")} in ${count(places.places, "place")}`;
  return (
    <Dialog key={exact ?? ""} label="Unmask" onClose={close}>
      <div class="column" data-unmasking>
        <h1>Unmask {all}?</h1>
        {exact === null ? (
          <WhatIsShown group={group} places={places} />
        ) : (
          <p class="notice warn">{exact}</p>
        )}
        <div class="row">
          <button type="button" class="main" onClick={close} autofocus>
            Leave it masked
          </button>
          <button
            type="button"
            class="danger"
            data-unmask
            onClick={() => {
              close();
              void unmask(question);
            }}
          >
            {exact === null ? `Unmask ${all}` : "Unmask it all the same"}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function WhatIsShown(props: { group: Group | Item; places: MaskedPlaces }): JSX.Element {
  const { group, places } = props;
  return (
    <>
      <p>
        <strong>
          <Recorded text={group.title} mono={false} />
        </strong>
        . All of the group is unmasked together, in the whole recording and not in this task alone:
      </p>
      <ul class="plain rv-list" aria-label="Where they are" tabIndex={0}>
        {places.files.map((file) => (
          <li key={file.path} class="row">
            <span class="grow cut-short">
              <Path path={file.path} />
            </span>
            <span class="small muted">
              {file.places === 0 ? "only earlier" : count(file.places, "place")}
            </span>
          </li>
        ))}
        {places.steps > 0 && (
          <li>{count(places.steps, "other step")}, such as commands, outputs and messages</li>
        )}
      </ul>
      <p class="muted">
        Whoever receives a task with one of them in it can read it. The session is sealed again,
        which takes a moment; that you unmasked it is recorded.
      </p>
    </>
  );
}

async function unmask({ group, places, exact }: Asked): Promise<void> {
  message.value = "Sealing again without this mask…";
  const body = { group: group.id, confirmed: true, confirmed_exact: exact !== null };
  let done: Unmasked | null = null;
  let refused: RefusedError | null = null;
  const isDone = await act(async (client): Promise<Changed> => {
    try {
      done = await client.json<Unmasked>("POST", "/api/unmask", body);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 403 || exact !== null) throw error;
      refused = error;
      return unchanged();
    }
    await begin(client);
    return unchanged();
  }, "");
  tell(isDone, done, refused, (fact) => {
    asked.value = { group, places, exact: fact };
  });
}

function tell(
  isDone: boolean,
  done: Unmasked | null,
  refused: RefusedError | null,
  askAgain: (fact: string) => void,
): void {
  if (refused !== null) {
    message.value = "";
    askAgain(refused.message);
  } else if (isDone && done !== null) {
    const lost = done.lost.length === 0 ? "" : ` Not carried over: ${done.lost.join("; ")}`;
    message.value = `Unmasked. The session was sealed again, and your plan carried over.${lost}`;
  }
}
