/** Tasks: the day as a list; keep, part, join, name. What is kept stands on top, always. */
import type { JSX } from "preact";
import { Heard } from "./heard";
import { signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { useKeys } from "../keyboard";
import { go, message } from "../session";
import { Recorded } from "../ui/parts";
import type { Outcome, Why } from "./contract";
import {
  factsLine,
  factsOf,
  firstOf,
  joinAt,
  lastOf,
  partAt,
  partingMoments,
  type Facts,
  type Row,
} from "./day";
import { Leaving } from "./leaving";
import { DayPicture, MiniTimeline } from "./mini_timeline";
import { dropKeep, endKeep, joinKeep, keepSpans, nameKeep, splitKeep } from "./plan_edits";
import { canUndo, change, choose, keptRows, lookAtBase, now, parting, rows, undo } from "./state";
import { count, elapsed } from "./words";

export const OUTCOMES: Readonly<Record<Outcome, string>> = {
  solved: "solved",
  partly: "partly solved",
  abandoned: "given up",
};

const WHY: Readonly<Record<Why, string>> = {
  stated: "you named it",
  commit: "ends with a commit",
  branch: "ends with another branch",
  red_green: "tests turned green",
  idle: "a long pause follows",
  session: "the session ends",
};

const opened = signal<string | null>(null);

export const TASK_KEYS = [
  { keys: "↓ ↑", does: "the next task, the one before" },
  { keys: "k", does: "keep this task, or no longer" },
  { keys: "p", does: "part this task in two" },
  { keys: "o", does: "what is in it (kept tasks)" },
  { keys: "u", does: "undo" },
];

export function TasksScreen(): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const actions = useMemo(() => keyActions(list), []);
  useKeys(actions);
  const all = rows.value;
  return (
    <div class="sheet rv-tasks">
      <div class="rv-head">
        <div class="grow">
          <h1>Which tasks do you want to share?</h1>
          <p class="muted">
            Nothing is kept until you say so. What you do not keep stays on this machine, and
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
      <Leaving isSigned={false} />
    </div>
  );
}

function Warnings(): JSX.Element {
  const { review } = now();
  return (
    <>
      {review.damage !== null && (
        <p class="notice bad">
          This recording is damaged. What can be read is shown; nothing of it can be kept or signed.
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

export function UndoButton(): JSX.Element {
  return (
    <button type="button" disabled={!canUndo.value} onClick={() => void undo()}>
      Undo <kbd>u</kbd>
    </button>
  );
}

function Kept(): JSX.Element {
  const kept = keptRows.value;
  return (
    <section class="card rv-kept" aria-label="Kept">
      <h2>{kept.length === 0 ? "Kept: nothing yet" : `Kept: ${count(kept.length, "task")}`}</h2>
      {kept.length > 0 && (
        <ul class="plain rv-kept-list">
          {kept.map((row) => (
            <li key={row.id} class="row">
              <span class="grow cut-short">
                <Recorded text={row.title} mono={false} />
              </span>
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

function TaskRow({ row, next }: { row: Row; next: Row | undefined }): JSX.Element {
  const { base } = now();
  const facts = useMemo(() => factsOf(base, row.spans), [base, row]);
  const isKept = row.keep !== null;
  const isOpen = opened.value === row.id;
  return (
    <li
      class={`card rv-row ${isKept ? "rv-is-kept" : ""}`}
      data-row={row.id}
      data-first={firstOf(row)}
    >
      <div class="rv-row-line">
        <When facts={facts} />
        <div class="grow">
          <h3 class="cut-short">
            <Recorded text={row.title} mono={false} />
          </h3>
          <p class="muted small">
            {factsLine(facts)}
            {row.outcome !== null && ` · ${OUTCOMES[row.outcome]}`}
          </p>
          <MiniTimeline summary={base} spans={row.spans} />
        </div>
        <div class="rv-row-buttons">
          <button
            type="button"
            class={isKept ? "" : "main"}
            data-main
            aria-pressed={isKept}
            onClick={() => void toggle(row)}
          >
            {isKept ? "Kept" : "Keep"}
            <Heard text={row.title} />
          </button>
          {isKept && (
            <button
              type="button"
              onClick={() => {
                look(row);
              }}
            >
              What is in it
            </button>
          )}
          <button
            type="button"
            class="quiet"
            aria-expanded={isOpen}
            onClick={() => (opened.value = isOpen ? null : row.id)}
          >
            Part or join
          </button>
        </div>
      </div>
      {isKept && <Naming row={row} />}
      {isOpen && <Parting row={row} next={next} />}
    </li>
  );
}

function When({ facts }: { facts: Facts }): JSX.Element {
  return (
    <span class="rv-when mono muted">
      <span class="only-heard">began </span>
      {elapsed(facts.startMs * 1e6)}
    </span>
  );
}

function Naming({ row }: { row: Row }): JSX.Element {
  const place = row.keep ?? 0;
  return (
    <div class="rv-row-more row">
      <label class="grow row">
        Its name
        <input
          class="grow"
          type="text"
          maxLength={200}
          spellcheck={false}
          autocomplete="off"
          value={row.isNamed ? row.title : ""}
          placeholder={row.isNamed ? "" : "as found above"}
          onChange={(event) => {
            const title = event.currentTarget.value;
            void change((plan) => nameKeep(plan, place, title), "The task has a new name.");
          }}
        />
      </label>
      <label class="row">
        How it ended
        <select
          value={row.outcome ?? ""}
          onChange={(event) => {
            const said = event.currentTarget.value;
            const outcome = said === "" ? null : (said as Outcome);
            void change((plan) => endKeep(plan, place, outcome), "How it ended is noted.");
          }}
        >
          <option value="">not said</option>
          {Object.entries(OUTCOMES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Parting({ row, next }: { row: Row; next: Row | undefined }): JSX.Element {
  const { base } = now();
  const moments = useMemo(() => partingMoments(base, row.spans), [base, row]);
  const chosen = useRef<HTMLSelectElement>(null);
  return (
    <div class="rv-row-more column">
      <p class="small muted">
        Steps {firstOf(row)} to {lastOf(row)}
        {row.why.length > 0 && ` · ${[...new Set(row.why)].map((why) => WHY[why]).join(", ")}`}
      </p>
      <div class="row">
        {moments.length === 0 ? (
          <span class="muted">There is no test run, commit or pause to part it at.</span>
        ) : (
          <>
            <label class="row">
              Part it
              <select ref={chosen} class="rv-moments">
                {moments.map((moment) => (
                  <option key={moment.seq} value={moment.seq}>
                    {moment.words}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" onClick={() => void part(row, Number(chosen.current?.value))}>
              Part here
            </button>
          </>
        )}
        <span class="grow" />
        {next !== undefined && (
          <button type="button" onClick={() => void join(row, next)}>
            {joinWords(row, next)}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => void lookAtBase(firstOf(row))}>
          See its first moment
        </button>
      </div>
    </div>
  );
}

function joinWords(row: Row, next: Row): string {
  if ((row.keep === null) === (next.keep === null)) return "Join with the next";
  return row.keep === null ? "Join with the next, keeping both" : "Keep the next with it";
}

function look(row: Row): void {
  if (row.keep === null) return;
  choose(row.keep);
  go("overview");
}

async function toggle(row: Row): Promise<void> {
  const place = row.keep;
  if (place !== null) {
    await change((plan) => dropKeep(plan, place), "The task is no longer kept.");
  } else {
    // A proposed title may be a commit's words: it is shared only if the person names it.
    await change((plan) => keepSpans(plan, row.spans), "The task is kept.");
  }
}

async function part(row: Row, at: number): Promise<void> {
  const place = row.keep;
  if (place !== null) {
    await change((plan) => splitKeep(plan, place, at), "One kept task is now two.");
  } else {
    parting.value = partAt(parting.value, at);
    message.value = "One task is now two.";
  }
}

async function join(row: Row, next: Row): Promise<void> {
  const [place, other] = [row.keep, next.keep];
  const said = "The two tasks are one.";
  if (place !== null) {
    const others = other === null ? [] : [other];
    await change((plan) => joinKeep(plan, place, next.spans, others), said);
  } else if (other !== null) {
    await change((plan) => joinKeep(plan, other, row.spans), said);
  } else {
    parting.value = joinAt(parting.value, firstOf(next));
    message.value = said;
  }
}

/** Keys act on the row that has the focus, the first one when none has. */
function keyActions(list: { current: HTMLOListElement | null }): Record<string, () => void> {
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
  return {
    ArrowDown: () => {
      focus(place() + 1);
    },
    ArrowUp: () => {
      focus(place() - 1);
    },
    k: () => {
      const one = row();
      if (one === undefined) return;
      const first = String(firstOf(one));
      void toggle(one).then(() => {
        // The row changed its name: the focus stays with the task.
        requestAnimationFrame(() => {
          focus(items().findIndex((item) => item.dataset["first"] === first));
        });
      });
    },
    p: () => {
      const one = row();
      if (one !== undefined) opened.value = opened.value === one.id ? null : one.id;
    },
    o: () => {
      const one = row();
      if (one !== undefined) look(one);
    },
    u: () => void undo(),
  };
}
