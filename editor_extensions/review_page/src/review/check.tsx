/** To check: groups of what only a person can decide; one action, one key for each. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useKeys } from "../keyboard";
import { go, message } from "../session";
import { Recorded } from "../ui/parts";
import {
  ACTIONS,
  KINDS,
  KIND_WORDS,
  neighbour,
  nextWaiting,
  ordered,
  progressOf,
  stateWords,
  waits,
} from "./checking";
import type { CheckList, Decided, Group, GroupAction } from "./contract";
import { KeepChoice, NothingKept } from "./keep_choice";
import { fetchedFor } from "./fetched";
import { SampleText } from "./sample_text";
import { act, begun, keep, lookAtBase, now, undo } from "./state";
import { askToUnmask, Unmasking } from "./unmasking";
import { count } from "./words";

export const CHECK_KEYS = [
  { keys: "↓ ↑", does: "the next group, the one before" },
  { keys: "n", does: "the next one that waits for you" },
  ...Object.values(ACTIONS).map(({ key, words }) => ({ keys: key, does: words })),
  { keys: "u", does: "undo" },
];

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
        {count(group.count, "place")} · {stateWords(group)}
      </p>
      <div class="row rv-actions">
        {group.actions.map((action) => (
          <button
            key={action}
            type="button"
            class={action === "mask" && waits(group) ? "main" : ""}
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
      <ul class="plain rv-samples" aria-label="Where it is">
        {group.samples.map((sample, at) => (
          <li key={at} class="card">
            <SampleText sample={sample} />
          </li>
        ))}
      </ul>
      {group.samples.length < group.count && (
        <p class="small muted">
          and {count(group.count - group.samples.length, "more place")}, alike; an action is for all
        </p>
      )}
    </div>
  );
}

function perform(action: GroupAction, group: Group, groups: readonly Group[]): void {
  if (!group.actions.includes(action)) {
    message.value = `${ACTIONS[action].words} is not possible here.`;
    return;
  }
  if (action === "show") {
    const seq = group.samples.find((sample) => sample.seq !== null)?.seq;
    if (seq !== undefined && seq !== null) void lookAtBase(seq);
  } else if (action === "unmask") {
    if (now().review.can_unmask) askToUnmask(keep.value ?? 0, group);
  } else {
    void decide(action, group, groups);
  }
}

async function decide(action: GroupAction, group: Group, groups: readonly Group[]): Promise<void> {
  const path = `/api/keeps/${keep.value ?? 0}/check/${encodeURIComponent(group.id)}`;
  const isDone = await act(
    (client) => client.json<Decided>("POST", path, { action }),
    ACTIONS[action].done,
  );
  if (isDone && current.value === group.id) current.value = nextWaiting(groups, group.id);
}

function keyActions(groups: readonly Group[]): Record<string, () => void> {
  const one = (): Group | undefined => groups.find((group) => group.id === current.value);
  const move = (by: number) => (): void => {
    current.value = neighbour(groups, current.value, by);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: move(1),
    ArrowUp: move(-1),
    n: () => (current.value = nextWaiting(groups, current.value)),
    u: () => void undo(),
  };
  for (const [action, { key }] of Object.entries(ACTIONS)) {
    keys[key] = () => {
      const group = one();
      if (group !== undefined && begun.value !== null) {
        perform(action as GroupAction, group, groups);
      }
    };
  }
  return keys;
}
