// What the server of a review answers (docs/review.md); K is a place in `plan.keeps`.
import type { Plan } from "../schemas/plan";

export type Outcome = "solved" | "partly" | "abandoned";
export type Why = "commit" | "branch" | "red_green" | "idle" | "stated" | "session";

/** A part of the day that might be one task; none is kept until a person says so. */
export interface Proposal {
  readonly from_seq: number;
  readonly to_seq: number;
  readonly task: number | null;
  readonly title: string;
  readonly why: readonly Why[];
  readonly outcome: Outcome | null;
  readonly edits: number;
  readonly files: number;
  readonly test_runs: number;
  readonly commits: number;
  readonly duration_ns: number;
}

/** `GET /api/review`. */
export interface Review {
  readonly base_sha256: string;
  readonly name: string;
  readonly sealed_from: string | null;
  readonly proposals: readonly Proposal[];
  readonly plan: Plan;
  readonly revision: number;
  readonly can_undo: boolean;
  readonly can_unmask: boolean;
  readonly damage: string | null;
  readonly session_grew: boolean;
}

/** Every change of the plan is answered with the plan as it is now. */
export interface Changed {
  readonly plan: Plan;
  readonly revision: number;
  readonly can_undo: boolean;
}
