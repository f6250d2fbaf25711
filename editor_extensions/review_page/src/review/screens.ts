/** The review's screens; a replay has none of them. */
import { computed } from "@preact/signals";
import type { ReviewData } from "../page_data";
import type { Screen } from "../screens";
import { attempt } from "../session";
import { clientWith } from "./client";
import "./review.css";
import { begin, followPlan, keeps, now } from "./state";
import { TASK_KEYS, TasksScreen } from "./tasks";

const ALIVE_MS = 15_000;

const kept = computed(() => (keeps.value.length === 0 ? "" : String(keeps.value.length)));

/** Begin a review: fetch it, show its base in the player. Resolves to its screens in order. */
export async function startReview(data: ReviewData): Promise<readonly Screen[]> {
  await begin(clientWith(data.token));
  followPlan();
  setInterval(() => {
    void attempt(() => now().client.json("POST", "/api/alive", {}));
  }, ALIVE_MS);
  return [
    {
      id: "tasks",
      title: "Tasks",
      part: "review",
      view: TasksScreen,
      badge: kept,
      keys: TASK_KEYS,
    },
  ];
}
