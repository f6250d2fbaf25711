/** Which kept task a screen is about. */
import type { JSX } from "preact";
import { linear } from "../episode/linear";
import { go } from "../session";
import { choose, keep, keptRows, undo } from "./state";

/** What the keys of a screen about one task do: go to another, take back. */
export const TASK_ACTS = {
  task: (by: 1 | -1) => {
    const all = keptRows.value.length;
    if (all > 0) choose(((keep.value ?? 0) + by + all) % all);
  },
  undo: () => void undo(),
};

/** A choice of the kept tasks; nothing to choose where there is one. */
export function KeepChoice(): JSX.Element {
  const kept = keptRows.value;
  return (
    <label class="row rv-keep-choice">
      <span class="muted">Task</span>
      <select
        class="grow"
        value={String(keep.value ?? 0)}
        onChange={(event) => {
          choose(Number(event.currentTarget.value));
        }}
      >
        {kept.map((row) => (
          <option key={row.id} value={String(row.keep ?? 0)}>
            {(row.keep ?? 0) + 1}. {linear(row.title)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What Overview, To check and Sign say while nothing is kept. */
export function NothingKept(): JSX.Element {
  return (
    <div class="sheet">
      <div class="card column">
        <h1>Nothing is included</h1>
        <p>Include a task first. Until then there is nothing to look at, to check or to sign.</p>
        <div>
          <button
            type="button"
            class="main"
            onClick={() => {
              go("tasks");
            }}
          >
            To the tasks
          </button>
        </div>
      </div>
    </div>
  );
}
