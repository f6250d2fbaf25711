/** Tasks: the day as a list; keep, part, join, name. What is kept stands on top, always. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { keysOf, useKeys, type KeyActions } from "../keyboard";
import { message } from "../session";
import { Recorded } from "../ui/parts";
import type { Row } from "./day";
import { Leaving } from "./leaving";
import { DayPicture } from "./mini_timeline";
import { followStandings, keptRows, now, rows, standingOf, undo } from "./state";
import { StateBadge } from "./state_badge";
import { join, look, toggle } from "./task_acts";
import { opened, TaskRow } from "./task_row";
import { UndoButton } from "./undo_button";
import { count } from "./words";

export function TasksScreen(): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const actions = useMemo(() => keyActions(list), []);
  useKeys(actions);
  useEffect(followStandings, []);
  const all = rows.value;
  return (
    <div class="sheet rv-tasks">
      <div class="rv-head">
        <div class="grow">
          <h1>Which tasks do you want to share?</h1>
          <p class="muted">
            Nothing is included until you say so. What you leave out stays on this machine, and
            Signoff tells nobody.
          </p>
        </div>
        <UndoButton />
      </div>
      <Warnings />
      <Kept />
      <DayPicture summary={now().base} rows={all} />
      <ol class="plain rv-rows" ref={list} aria-label="Tasks of the day">
        {all.map((row, place) => (
          <TaskRow key={row.id} row={row} next={all[place + 1]} />
        ))}
      </ol>
      <Leaving />
    </div>
  );
}

function Warnings(): JSX.Element {
  const { review } = now();
  return (
    <>
      {review.damage !== null && (
        <p class="notice bad">
          This recording is damaged. What can be read is shown; nothing of it can be included or
          signed.
        </p>
      )}
      {review.session_grew && (
        <p class="notice">
          More was recorded since this was sealed. It is not part of this review.
        </p>
      )}
    </>
  );
}

function Kept(): JSX.Element {
  const kept = keptRows.value;
  return (
    <section class="card rv-kept" aria-label="Included">
      <h2>
        {kept.length === 0 ? "Included: nothing yet" : `Included: ${count(kept.length, "task")}`}
      </h2>
      {kept.length > 0 && (
        <ul class="plain rv-kept-list">
          {kept.map((row) => (
            <li key={row.id} class="row">
              <span class="grow cut-short">
                <Recorded text={row.title} mono={false} />
              </span>
              <StateBadge state={standingOf(row).state} />
              <button
                type="button"
                class="main"
                onClick={() => {
                  look(row);
                }}
              >
                Look at it
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Keys act on the row that has the focus, the first one when none has. */
function keyActions(list: { current: HTMLOListElement | null }): KeyActions {
  const items = (): HTMLElement[] => [
    ...(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? []),
  ];
  const place = (): number => items().findIndex((item) => item.contains(document.activeElement));
  const row = (): Row | undefined => {
    const id = items()[Math.max(0, place())]?.dataset["row"];
    return rows.value.find((one) => one.id === id);
  };
  const focus = (at: number): void => {
    const target = items()[Math.max(0, Math.min(items().length - 1, at))];
    target?.querySelector<HTMLElement>("[data-main]")?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };
  /** A field of the row, which only an included task has. */
  const field = (selector: string): void => {
    const found = items()[Math.max(0, place())]?.querySelector<HTMLElement>(selector);
    if (found === null || found === undefined) message.value = "Include the task first.";
    else found.focus();
  };
  const open = (one: Row | undefined): void => {
    if (one !== undefined) opened.value = opened.value === one.id ? null : one.id;
  };
  return keysOf("tasks", {
    row: (by: 1 | -1) => {
      focus(place() + by);
    },
    include: () => {
      const one = row();
      if (one !== undefined) void toggle(one);
    },
    split: () => {
      open(row());
    },
    join: () => {
      const one = row();
      const next = one === undefined ? undefined : rows.value[rows.value.indexOf(one) + 1];
      if (one !== undefined && next !== undefined) void join(one, next);
      else message.value = "There is no task below this one.";
    },
    name: () => {
      field("input[type=text]");
    },
    ended: () => {
      field("[data-ended]");
    },
    open: () => {
      const one = row();
      if (one?.keep === null) message.value = "Include the task first.";
      else if (one !== undefined) look(one);
    },
    undo: () => void undo(),
    close: () => (opened.value = null),
  });
}
