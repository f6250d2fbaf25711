/** The review's screens; a replay has none of them. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { h, type JSX } from "preact";
import type { ReviewData } from "../page_data";
import type { Screen } from "../screens";
import type { Started } from "../started";
import { attempt, reviewActions, type ReviewActions } from "../session";
import { clientWith } from "./client";
import "./review.css";
import { cutRange, maskField, maskText, tick } from "./plan_edits";
import { begin, change, followLooking, followPlan, keeps, maskValue, now } from "./state";
import { CheckScreen, checkList } from "./check";
import { Over, left } from "./leaving";
import { OverviewScreen } from "./overview";
import { SignScreen } from "./sign";
import { TasksScreen } from "./tasks";

const ALIVE_MS = 15_000;

const kept = computed(() => (keeps.value.length === 0 ? "" : String(keeps.value.length)));

const waiting = computed(() => {
  const number = checkList.value.value?.decisions_needed ?? 0;
  return number === 0 ? "" : String(number);
});

/** What can be done with what is selected in the player. Its numbers are the plan's only while
 * it shows the sealed episode; a value is masked wherever it stands, whatever is shown. */
const PLAYER_ACTIONS: ReviewActions = {
  maskValue: (value) => void maskValue(value),
  maskText: (mask) => void change((plan) => maskText(plan, mask), "Masked in every state."),
  maskField: (mask) => void change((plan) => maskField(plan, mask), "Masked."),
  cutRange: (from, to) =>
    void change((plan) => cutRange(plan, { from_seq: from, to_seq: to }), "The steps are cut."),
  cutFile: (file) => void change((plan) => tick(plan, "cut_files", file, true), "The file is cut."),
};

/** Begin a review: fetch it, show its base in the player. Resolves to its screens in order. */
export async function startReview(data: ReviewData, started: Started): Promise<readonly Screen[]> {
  await begin(clientWith(data.token, started.answers), started.opening);
  followPlan();
  followLooking();
  reviewActions.value = PLAYER_ACTIONS;
  setInterval(() => {
    if (left.value !== "no") return;
    void attempt(() => now().client.json("POST", "/api/alive", {}));
  }, ALIVE_MS);
  return [
    screen("tasks", "Tasks", TasksScreen, kept),
    screen("overview", "Overview", OverviewScreen),
    screen("check", "To check", CheckScreen, waiting),
    screen("sign", "Sign", SignScreen),
  ];
}

function screen(
  id: string,
  title: string,
  view: () => JSX.Element,
  badge?: ReadonlySignal<string>,
): Screen {
  const shown = (): JSX.Element => h(left.value === "no" ? view : Over, {});
  return {
    id,
    title,
    part: "review",
    view: shown,
    ...(badge === undefined ? {} : { badge }),
  };
}
