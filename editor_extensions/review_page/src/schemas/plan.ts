// Generated from schemas/json/plan.schema.json by `npm run schemas`.

/**
 * What becomes of one sealed episode.
 */
export interface Plan {
  plan_version?: 1;
  base_sha256: string;
  seed?: string | null;
  keeps?: (TaskKeep | RangeKeep | RangesKeep)[];
  cut_ranges?: RangeCut[];
  cut_files?: number[];
  cut_kinds?: string[];
  mask_texts?: TextMask[];
  mask_fields?: FieldMask[];
  /**
   * @maxItems 300
   */
  notes?: NoteAt[];
  whole_files?: number[];
  overlay_files?: number[];
  paused_texts?: number[];
  name_repository?: NamedRepository | null;
  with_base?: WithBase | null;
  whole_environment?: boolean;
  time_resolution?: "1s" | "100ms" | "exact";
  wall_clock?: boolean;
}
/**
 * Keep the steps of one task; they become one episode.
 */
export interface TaskKeep {
  title?: string | null;
  outcome?: ("solved" | "partly" | "abandoned") | null;
  leave_out?: number[];
  task: number;
}
/**
 * Keep the steps from `from_seq` up to and with `to_seq`; they become one episode.
 */
export interface RangeKeep {
  from_seq: number;
  to_seq: number;
  title?: string | null;
  outcome?: ("solved" | "partly" | "abandoned") | null;
  leave_out?: number[];
}
/**
 * Keep several ranges that belong to one task; they become one episode.
 */
export interface RangesKeep {
  title?: string | null;
  outcome?: ("solved" | "partly" | "abandoned") | null;
  leave_out?: number[];
  /**
   * @minItems 1
   */
  ranges: [StepSpan, ...StepSpan[]];
}
/**
 * The steps from `from_seq` up to and with `to_seq`.
 */
export interface StepSpan {
  from_seq: number;
  to_seq: number;
}
/**
 * Take the steps from `from_seq` up to and with `to_seq` out of whatever is kept.
 */
export interface RangeCut {
  from_seq: number;
  to_seq: number;
}
/**
 * Mask characters of one text, in every state they are part of.
 */
export interface TextMask {
  after_seq: number;
  file: number;
  buffer?: number | null;
  start: number;
  length: number;
}
/**
 * Mask characters of a string of one step that is not an edit.
 */
export interface FieldMask {
  seq: number;
  field: string;
  start: number;
  length: number;
}
/**
 * What the developer says afterwards of one moment: what they were thinking there.
 *
 * It is shared, right after this step, with every keep that has the step.
 */
export interface NoteAt {
  after_seq: number;
  text: string;
}
/**
 * The public repository that the episode may name; naming it names its authors too.
 */
export interface NamedRepository {
  url: string;
  spdx?: string;
  commits?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^commit-[0-9a-f]{12}$".
     */
    [k: string]: string;
  };
}
/**
 * The tree of the base commit goes along with every kept episode.
 *
 * Which of its files may go along is worked out anew by whoever follows the plan, and shown
 * before signing; the digest says that it is the list that the person saw.
 */
export interface WithBase {
  list_sha256: string;
  leave_out?: number[];
  take_in?: number[];
}
