/** The way to a place in the long texts of a step: Output at its line, or else the timeline. */
import { signal } from "@preact/signals";
import type { FieldPlace, Mark, OpenEpisode, OutputPlace } from "../episode/types";
import { go } from "../session";
import { kinds, openAt } from "./player_state";

export const onlyFailed = signal(false);
/** The place that was gone to last. */
export const outputHit = signal<(OutputPlace & { readonly seq: number }) | null>(null);

/** Whether Output lists a step. */
export function isListed(mark: Mark): boolean {
  if (onlyFailed.value && mark.good !== false) return false;
  if (kinds.value === "most") return mark.kind !== "diagnostics";
  return kinds.value === "all" || mark.kind === kinds.value;
}

/** Show a place in a field of a step; one that is in no long text stands on the timeline. */
export async function openField(
  episode: OpenEpisode,
  seq: number,
  field: FieldPlace,
): Promise<void> {
  const mark = episode.summary.outputs.find((one) => one.seq === seq);
  const place = mark === undefined ? null : await episode.outputPlace(seq, field);
  if (mark === undefined || place === null) {
    openAt(seq);
    return;
  }
  if (!isListed(mark)) {
    onlyFailed.value = false;
    kinds.value = "all";
  }
  outputHit.value = { seq, ...place };
  go("output", { seq });
}
