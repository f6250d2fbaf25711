/** The review's screens; a replay has none of them. */
import type { ReviewData } from "../page_data";
import type { Screen } from "../screens";

/** Begin a review: fetch it, show its base in the player. Resolves to its screens in order. */
export function startReview(_data: ReviewData): Promise<readonly Screen[]> {
  return Promise.resolve([]);
}
