/** One task of the day in the list: what happened in it, and what can be done with it. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { Recorded } from "../ui/parts";
import type { Outcome, Why } from "./contract";
import { factsLine, factsOf, firstOf, lastOf, partingMoments, type Facts, type Row } from "./day";
import { Heard } from "./heard";
import { MiniTimeline } from "./mini_timeline";
import { endKeep, nameKeep } from "./plan_edits";
import { change, lookAtBase, now, standingOf } from "./state";
import { standingWords } from "./standing_words";
import { StateBadge } from "./state_badge";
import { join, look, part, toggle } from "./task_acts";
import { elapsed } from "./words";

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

/** The row whose parting and joining is on show. */
export const opened = signal<string | null>(null);

export function TaskRow({ row, next }: { row: Row; next: Row | undefined }): JSX.Element {
  const { base } = now();
  const facts = useMemo(() => factsOf(base, row.spans), [base, row]);
  const isKept = row.keep !== null;
  const isOpen = opened.value === row.id;
  const standing = standingOf(row);
  return (
    <li
      class={`card rv-row ${isKept ? "rv-is-kept" : ""}`}
      data-row={row.id}
      data-first={firstOf(row)}
    >
      <div class="rv-row-line">
        <When facts={facts} />
        <div class="grow">
          <h3 class="row">
            <span class="cut-short">
              <Recorded text={row.title} mono={false} />
            </span>
            <StateBadge state={standing.state} />
          </h3>
          {standingWords(standing).map((words) => (
            <p key={words} class="small">
              <Recorded text={words} mono={false} />
            </p>
          ))}
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
            {isKept ? "Included" : "Include"}
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
            Split or join
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
          data-ended
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
          <span class="muted">There is no test run, commit or pause at which to split it.</span>
        ) : (
          <>
            <label class="row">
              Split
              <select ref={chosen} class="rv-moments">
                {moments.map((moment) => (
                  <option key={moment.seq} value={moment.seq}>
                    {moment.words}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" onClick={() => void part(row, Number(chosen.current?.value))}>
              Split here
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
  return row.keep === null ? "Join with the next, including both" : "Include the next with it";
}
