/** To check: groups of what only a person can decide; one action, one key for each. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { keysOf, useKeys, type KeyActions } from "../keyboard";
import { go, message } from "../session";
import { Recorded } from "../ui/parts";
import {
  ACTIONS,
  KINDS,
  KIND_WORDS,
  FOR_THE_REST,
  neighbour,
  nextWaiting,
  ordered,
  progressOf,
  sizeWords,
  stateWords,
  waits,
} from "./checking";
import { Items } from "./check_items";
import type { Client } from "./client";
import type { CheckList, Decided, Group, GroupAction, Item, Sample } from "./contract";
import { KeepChoice, NothingKept, TASK_ACTS } from "./keep_choice";
import { fetchedFor } from "./fetched";
import { act, begun, keep, lookAtBase, lookAtField, now } from "./state";
import { askToUnmask, Unmasking } from "./unmasking";

/** The groups of the kept task looked at; fetched anew whenever plan or decisions change. */
export const checkList = fetchedFor<CheckList>((place) => `/api/keeps/${place}/check`);

const current = signal<string | null>(null);

export function CheckScreen(): JSX.Element {
  const place = keep.value;
  const list = checkList.use();
  const groups = useMemo(() => (list === null ? [] : ordered(list)), [list]);
  const actions = useMemo(() => keyActions(groups), [groups]);
  useKeys(actions);
  useEffect(() => {
    if (groups.length > 0 && !groups.some((group) => group.id === current.value)) {
      current.value = nextWaiting(groups, null);
    }
  }, [groups]);
  if (place === null) return <NothingKept />;
  const group = groups.find((one) => one.id === current.value);
  return (
    <div class="rv-check">
      <section class="rv-check-list" aria-label="Groups">
        <div class="rv-check-head">
          <h1>To check</h1>
          <KeepChoice />
          {list !== null && <Progress groups={groups} />}
        </div>
        {list === null ? <p class="waiting">Looking…</p> : <Groups groups={groups} />}
      </section>
      <section class="rv-check-one" aria-label="The group">
        {group === undefined ? (
          list !== null && <p class="muted">There is nothing to check in this task.</p>
        ) : (
          <OneGroup key={group.id} group={group} groups={groups} />
        )}
      </section>
      <Unmasking />
    </div>
  );
}

function Progress({ groups }: { groups: readonly Group[] }): JSX.Element {
  const { done, all, words } = progressOf(groups);
  return (
    <div class="column">
      <p data-progress>{words}</p>
      {all > 0 && <progress aria-label="Decided" max={all} value={done} />}
      {done < all && (
        <div class="row rv-rest">
          {FOR_THE_REST.map(({ action, key, words }) => (
            <button
              key={action}
              type="button"
              class="quiet"
              data-rest={action}
              onClick={() => void decideRest(action)}
            >
              {words} <kbd>{key}</kbd>
            </button>
          ))}
        </div>
      )}
      {done === all && (
        <button
          type="button"
          class="main"
          onClick={() => {
            go("sign");
          }}
        >
          Go on to signing
        </button>
      )}
    </div>
  );
}

function Groups({ groups }: { groups: readonly Group[] }): JSX.Element {
  const kinds = [...new Set(groups.map((group) => group.kind))];
  return (
    <>
      {kinds.map((kind) => (
        <div key={kind} class="rv-check-kind">
          <h2>{KINDS[kind]}</h2>
          <ul class="plain">
            {groups
              .filter((group) => group.kind === kind)
              .map((group) => (
                <li key={group.id}>
                  <GroupLine group={group} />
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function GroupLine({ group }: { group: Group }): JSX.Element {
  const place = useRef<HTMLButtonElement>(null);
  const isCurrent = current.value === group.id;
  useEffect(() => {
    if (isCurrent) place.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <button
      ref={place}
      type="button"
      class="quiet rv-group"
      data-group={group.id}
      aria-current={isCurrent ? "true" : undefined}
      onClick={() => (current.value = group.id)}
    >
      <span class="grow rv-group-words">
        <Recorded text={group.title} mono={false} />
      </span>
      <span class={`pill ${waits(group) ? "warn" : ""}`}>{stateWords(group)}</span>
    </button>
  );
}

function OneGroup(props: { group: Group; groups: readonly Group[] }): JSX.Element {
  const { group, groups } = props;
  return (
    <div class="column">
      <h2 class="rv-group-title">
        <Recorded text={group.title} />
      </h2>
      <p class="muted">
        {KINDS[group.kind]}. {KIND_WORDS[group.kind]}
      </p>
      <p>
        {sizeWords(group)} · {stateWords(group)}
      </p>
      <div class="row rv-actions">
        {group.actions.map((action) => (
          <button
            key={action}
            type="button"
            class={action === group.suggested && waits(group) ? "main" : ""}
            disabled={action === "unmask" && !now().review.can_unmask}
            onClick={() => {
              perform(action, group, groups);
            }}
          >
            {ACTIONS[action].words} <kbd>{ACTIONS[action].key}</kbd>
          </button>
        ))}
        <span class="grow" />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            current.value = nextWaiting(groups, group.id);
          }}
        >
          Next <kbd>n</kbd>
        </button>
      </div>
      {group.actions.includes("unmask") && !now().review.can_unmask && (
        <p class="small muted">
          It cannot be unmasked any more: what was typed is no longer on this machine.
        </p>
      )}
      <Items
        group={group}
        perform={(action, item) => {
          perform(action, group, groups, item);
        }}
      />
    </div>
  );
}

/** Do something with a group, or with one item of it. */
function perform(
  action: GroupAction,
  group: Group,
  groups: readonly Group[],
  item: Item | null = null,
): void {
  const chosen = item ?? group;
  if (!chosen.actions.includes(action)) {
    message.value = `${ACTIONS[action].words} is not possible here.`;
    return;
  }
  if (action === "show") {
    const samples = item === null ? group.samples : [item.sample];
    const sample = samples.find((one) => typeof one?.seq === "number");
    const seq = sample?.seq ?? null;
    if (sample != null && seq !== null) void lookAtSample(seq, sample);
  } else if (action === "unmask") {
    if (now().review.can_unmask) askToUnmask(keep.value ?? 0, chosen);
  } else {
    void decide(action, chosen.id, group, groups);
  }
}

/** Show a sample where it stands: in a field of a step, or in a file on the timeline. */
function lookAtSample(seq: number, { path, context, start, length }: Sample): Promise<boolean> {
  if (!path.startsWith("/")) return lookAtBase(seq);
  return lookAtField(seq, { field: path, context, start, length });
}

async function decide(
  action: GroupAction,
  id: string,
  group: Group,
  groups: readonly Group[],
): Promise<void> {
  const isDone = await act((client) => decided(client, id, action), ACTIONS[action].done);
  if (isDone && id === group.id && current.value === group.id) {
    current.value = nextWaiting(groups, group.id);
  }
}

function decideRest(action: GroupAction): Promise<boolean> {
  const done = FOR_THE_REST.find((one) => one.action === action)?.done ?? "";
  return act((client) => decided(client, "rest", action), done);
}

function decided(client: Client, id: string, action: GroupAction): Promise<Decided> {
  const path = `/api/keeps/${keep.value ?? 0}/check/${encodeURIComponent(id)}`;
  return client.json<Decided>("POST", path, { action });
}

function keyActions(groups: readonly Group[]): KeyActions {
  const acting = (action: GroupAction) => (): void => {
    const group = groups.find((one) => one.id === current.value);
    if (group !== undefined && begun.value !== null) perform(action, group, groups);
  };
  return keysOf("check", {
    ...TASK_ACTS,
    row: (by: 1 | -1) => {
      current.value = neighbour(groups, current.value, by);
    },
    waiting: () => (current.value = nextWaiting(groups, current.value)),
    mask: acting("mask"),
    accept: acting("accept"),
    mask_rest: () => void decideRest("mask"),
    accept_rest: () => void decideRest("accept"),
    cut: acting("cut_file"),
    unmask: acting("unmask"),
    show: acting("show"),
  });
}
