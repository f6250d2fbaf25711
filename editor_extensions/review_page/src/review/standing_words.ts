// What became of a task, in words beside its badge.
import type { TaskStanding, TaskState } from "./contract";
import { listed } from "./words";

const DONE: Readonly<Record<TaskState, string>> = {
  nothing: "",
  included: "",
  signed: "Signed for",
  sent: "Sent to",
  withdrawn: "Withdrawn from",
  expired: "The permission has ended for",
};

/** For which store, and what holds a part of it. */
export function standingWords({ state, audiences, partly }: TaskStanding): string[] {
  return [
    ...(audiences.length > 0 ? [`${DONE[state]} ${listed(audiences)}.`] : []),
    ...(partly === "nothing" ? [] : [`A file that holds a part of it is ${partly}.`]),
  ];
}
