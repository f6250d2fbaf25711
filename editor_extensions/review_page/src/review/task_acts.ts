// What is done with a task of the day: kept or not, parted, joined, looked at.
import { focusNext } from "../focus";
import { go } from "../session";
import { firstOf, joinAt, partAt, type Row } from "./day";
import { dropKeep, joinKeep, keepSpans, splitKeep } from "./plan_edits";
import { change, choose, repart } from "./state";

export function look(row: Row): void {
  if (row.keep === null) return;
  choose(row.keep);
  go("overview");
}

/** The row of a task is drawn anew when it changes: the focus stays with the task. */
function focusTask(row: Row): void {
  const first = String(firstOf(row));
  focusNext(() => document.querySelector<HTMLElement>(`[data-first="${first}"] [data-main]`));
}

export async function toggle(row: Row): Promise<void> {
  const place = row.keep;
  if (place !== null) {
    await change((plan) => dropKeep(plan, place), "The task is no longer included.");
  } else {
    // A proposed title may be a commit's words: it is shared only if the person names it.
    await change((plan) => keepSpans(plan, row.spans), "The task is included.");
  }
  focusTask(row);
}

export async function part(row: Row, at: number): Promise<void> {
  const place = row.keep;
  if (place !== null) {
    await change((plan) => splitKeep(plan, place, at), "One included task is now two.");
  } else {
    await repart((now) => partAt(now, at), "One task is now two.");
  }
  focusTask(row);
}

export async function join(row: Row, next: Row): Promise<void> {
  const [place, other] = [row.keep, next.keep];
  const said = "The two tasks are one.";
  if (place !== null) {
    const others = other === null ? [] : [other];
    await change((plan) => joinKeep(plan, place, next.spans, others), said);
  } else if (other !== null) {
    await change((plan) => joinKeep(plan, other, row.spans), said);
  } else {
    await repart((now) => joinAt(now, firstOf(next)), said);
  }
  focusTask(row);
}
