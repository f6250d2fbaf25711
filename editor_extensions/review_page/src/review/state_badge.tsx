/** What became of a task, as a badge; what it is, the server says. */
import type { JSX } from "preact";
import type { TaskState } from "./contract";

const LOOKS: Readonly<Record<TaskState, string>> = {
  nothing: "pill",
  included: "pill accent",
  signed: "pill good",
  sent: "pill good",
  withdrawn: "pill warn",
  expired: "pill warn",
};

/** The badge of a task; nothing of which nothing became yet. */
export function StateBadge({ state }: { state: TaskState }): JSX.Element | null {
  if (state === "nothing") return null;
  return (
    <span class={LOOKS[state]} data-state={state}>
      {state}
    </span>
  );
}
