// What leaving means, by what became of the included tasks.
import type { TaskState } from "./contract";
import { count } from "./words";

/** What is signed of what is included, and what becomes of the rest. */
export function leavingWords(states: readonly TaskState[]): string {
  const signed = states.filter((state) => state === "signed" || state === "sent").length;
  if (signed === 0) {
    return "If you do not sign, everything stays on this machine as it is, and Signoff tells nobody.";
  }
  if (signed === states.length) {
    return "What you included is signed. The sign-offs lie beside the episodes.";
  }
  return `${signed} of ${count(states.length, "included task")} signed. The rest stays on this machine until you sign it.`;
}
