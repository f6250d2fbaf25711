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
export interface Review extends Changed {
  readonly base_sha256: string;
  readonly name: string;
  readonly sealed_from: string | null;
  readonly proposals: readonly Proposal[];
  readonly can_unmask: boolean;
  readonly damage: string | null;
  readonly session_grew: boolean;
}

/** Where the person parted and joined what is not kept: no part of the plan, kept beside it. */
export interface PartingRow {
  readonly begins: readonly number[];
  readonly joined: readonly number[];
}

/** Every change of the plan is answered with the plan as it is now. */
export interface Changed {
  readonly plan: Plan;
  readonly revision: number;
  readonly can_undo: boolean;
  readonly parting: PartingRow;
  readonly tasks: readonly TaskStanding[];
}

export type TaskState = "nothing" | "included" | "signed" | "sent" | "withdrawn" | "expired";

/** What became of one row of the task list; worked out by the server alone. */
export interface TaskStanding {
  readonly spans: readonly { readonly from_seq: number; readonly to_seq: number }[];
  readonly state: TaskState;
  /** The stores that the state is about. */
  readonly audiences: readonly string[];
  /** Of a file that holds some of its steps, but was made of others too. */
  readonly partly: TaskState;
}

/** `POST /api/mask`: where the value stood. */
export interface MaskedValue extends Changed {
  readonly texts: number;
  readonly fields: number;
  /** Paths that hold it: a name cannot be masked, only its file be cut. */
  readonly names: readonly string[];
}

export type GroupKind = "novel" | "redaction" | "name" | "output" | "entered" | "residue";
export type GroupState = "accepted" | "masked" | "unmasked" | "mixed";
export type GroupAction = "mask" | "accept" | "unmask" | "cut_file" | "show";

export interface Sample {
  /** In the base episode; null where it is no step. */
  readonly seq: number | null;
  readonly path: string;
  /** Recorded text. */
  readonly context: string;
  /** Code points in `context`. */
  readonly start: number;
  readonly length: number;
}

export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  readonly title: string;
  readonly samples: readonly Sample[];
  /** Items. */
  readonly count: number;
  /** Occurrences that an action on the group changes. */
  readonly places: number;
  /** Items that wait for a decision. */
  readonly left: number;
  readonly state: GroupState | null;
  readonly actions: readonly GroupAction[];
  /** What is right for most. */
  readonly suggested: GroupAction | null;
  readonly needs_decision: boolean;
}

/** What can be decided on by itself. */
export interface Item {
  readonly id: string;
  /** Recorded text: a value, file, line or mask. */
  readonly title: string;
  readonly sample: Sample | null;
  readonly places: number;
  /** Files and fields that hold it, the first few. */
  readonly where: readonly string[];
  readonly state: GroupState | null;
  readonly actions: readonly GroupAction[];
}

/** `POST /api/keeps/K/check/ID/items`, with `{first, count, find}`: 200 at once at most. */
export interface ItemRows {
  readonly items: readonly Item[];
  readonly total: number;
}

/** `GET /api/keeps/K/check`. */
export interface CheckList {
  readonly groups: readonly Group[];
  readonly decisions_needed: number;
}

/** `POST /api/keeps/K/check/ID`: of a group or an item; `rest` is all that waits. */
export type Decided = Changed & CheckList;

/** `GET /api/keeps/K/check/ID/places`: what unmasking a group of redactions would show again, in
 * the whole session: sealing is done anew for all of it. */
export interface MaskedPlaces {
  readonly values: number;
  readonly places: number;
  readonly files: readonly { readonly path: string; readonly places: number }[];
  /** Other steps that hold it, such as commands. */
  readonly steps: number;
}

/** `POST /api/unmask`: a new sealed episode; what of the plan could not be carried over. */
export interface Unmasked extends Changed {
  readonly base_sha256: string;
  readonly lost: readonly string[];
}

/** `POST /api/keeps/K/final`: written to a private file and read back. The plan comes with it,
 * since what nobody decided on is masked first. */
export interface Final extends Changed {
  readonly sha256: string;
  readonly size_bytes: number;
  /** Null: nobody looked at a preview of this task. */
  readonly changed_since_preview: boolean | null;
  readonly quality: readonly QualityRow[];
}

/** `GET /api/keeps/K/moments`: where a person may say what they were thinking. */
export interface Asked {
  readonly question: string;
  readonly moments: readonly AskedMoment[];
}

export interface AskedMoment {
  /** Of the base: the note stands behind this step. */
  readonly after_seq: number;
  readonly kind: "pause" | "dead_end" | "fix";
  readonly asks: string;
  readonly t_ns: number;
  /** Null where it was no edit. */
  readonly path: string | null;
  readonly line: string;
  /** The note that the plan has there. */
  readonly text: string;
}

/** One thing that was looked at of a recording; `says` is of a closed list. */
export interface QualityRow {
  readonly measure: string;
  /** In a word, or as a share. */
  readonly stands: string;
  /** Null: nobody can tell, or it is looked at elsewhere. */
  readonly passed: boolean | null;
  readonly says: string;
}

export interface EarlierSignOff {
  readonly record_id: string;
  readonly audience: string;
  readonly void_because: string | null;
  readonly was_sent: boolean;
}

/** `GET /api/final/SHA/terms`: everything that is shown before signing. */
export interface Terms {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly notice: { readonly version: string; readonly language: string; readonly text: string };
  readonly notice_sha256: string;
  readonly purposes: readonly string[];
  readonly default_purposes: readonly string[];
  readonly prohibited_uses: readonly string[];
  readonly audiences: readonly string[];
  readonly licences: readonly string[];
  readonly repository_licence: string;
  readonly owner: string | null;
  readonly owners_needing_permission: readonly string[];
  readonly requesters: readonly string[];
  readonly default_days: number;
  readonly longest_days: number;
  readonly time_resolution: string;
  /** On which it began, in UTC, if that is told. */
  readonly day: string | null;
  readonly earlier: readonly EarlierSignOff[];
  readonly files_seen: number;
  readonly files_total: number;
  readonly outputs_seen: number;
  readonly outputs_total: number;
  readonly deleted_seen: number;
  readonly deleted_total: number;
  readonly was_shared: boolean;
  readonly unseen: number;
  /** Places in the final episode's files, and `seq` of its steps: what is still to be opened. */
  readonly unseen_files: readonly number[];
  readonly unseen_outputs: readonly number[];
  readonly unseen_deleted: readonly { readonly file: number; readonly texts: number }[];
}

/** `POST /api/hub-terms`: what a hub says of itself, in its own words. */
export interface Hub {
  readonly audience: string;
  readonly terms_sha256: string;
  readonly controller: string;
  readonly jurisdiction: string;
  readonly lawful_basis: string;
  readonly retention_days: number;
  readonly purposes: readonly string[];
  readonly prohibited_uses: readonly string[];
  readonly language: string;
  readonly text: string;
  readonly key: string;
  readonly valid_from: string;
  readonly has_changed: boolean;
}

/** `POST /api/final/SHA/sign`. */
export interface Chosen {
  readonly audience: string;
  readonly purposes: readonly string[];
  readonly licence: string;
  readonly expires_days: number;
  readonly requested_by: string;
  readonly owner: string | null;
  readonly permission: string | null;
  readonly as_me: boolean;
  readonly notice_sha256: string;
  readonly hub_terms_sha256: string | null;
  readonly confirmed_unseen: boolean;
  readonly nobody_else_typed: boolean;
}

export interface Answer {
  readonly good: boolean;
  readonly fact: string;
}

/** What signing gave. */
export interface Signed extends Changed {
  readonly record_id: string;
  readonly sha256: string;
  readonly audience: string;
  readonly statement_path: string;
  readonly signature_path: string;
  readonly key: { readonly fingerprint: string; readonly kind: string };
  readonly contributor: string;
  readonly expires: string;
  readonly commands: readonly string[];
  readonly integrity: Answer;
  readonly authenticity: Answer;
  readonly authority: Answer;
  readonly recovery_code: string | null;
}

/** `GET /api/keeps/K/overview`; `seq` is the previewed episode's where nothing else is said. */
export interface Overview {
  readonly title: string | null;
  readonly outcome: Outcome | null;
  readonly steps: number;
  readonly edits: number;
  readonly duration_ns: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly sizes: { readonly shared_bytes: number; readonly base_steps: number };
  readonly files: readonly FileRow[];
  readonly authors: readonly AuthorRow[];
  readonly tests: readonly TestsRow[];
  readonly commands: readonly CommandRow[];
  readonly git: readonly GitRow[];
  readonly gaps: readonly GapRow[];
  readonly masks: readonly {
    readonly kind: string;
    readonly way: string;
    readonly count: number;
  }[];
  readonly observability: readonly { readonly what: string; readonly level: string }[];
  readonly check: {
    readonly checkpoints: number;
    readonly matched: number;
    readonly resyncs: number;
    readonly blind_spans: number;
  };
  /** `seq` of the base: text from steps that are not included. */
  readonly entered: readonly EnteredRow[];
  /** `seq` of the base: text from pauses. */
  readonly paused: readonly PausedRow[];
  readonly looked_at: readonly LookedAtRow[];
  readonly overlay: readonly OverlayRow[];
  readonly licences: readonly LicenceRow[];
  /** Taken away again, and in the file all the same. */
  readonly deleted: readonly {
    readonly path: string;
    readonly texts: number;
    readonly chars: number;
  }[];
  readonly quality: readonly QualityRow[];
  readonly environment: { readonly is_whole: boolean };
  /** On which it began, in UTC; null where it is not told. */
  readonly day: string | null;
  readonly base_tree: null | {
    readonly files: number;
    readonly size_bytes: number;
    readonly withheld: number;
  };
}

/** A file by the number that the plan takes. */
export interface FileRow {
  readonly file: number;
  readonly path: string;
  readonly edits: number;
  readonly chars: number;
}

export interface AuthorRow {
  readonly class: string;
  readonly basis: string;
  readonly written: number;
  readonly surviving: number;
  readonly edits: number;
}

export interface TestsRow {
  readonly seq: number;
  readonly t_ns: number;
  readonly framework: string;
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  readonly skipped: number;
  readonly exit_code: number | null;
  readonly runnable: boolean | null;
  /** Names of what listened on this machine when it began. */
  readonly services: readonly string[];
}

export interface CommandRow {
  readonly seq: number;
  readonly t_ns: number;
  readonly line: string;
  readonly exit_code: number | null;
  readonly duration_ns: number | null;
  readonly output_chars: number;
}

export interface GitRow {
  readonly seq: number;
  readonly t_ns: number;
  readonly operation: string;
  readonly message: string | null;
}

export interface GapRow {
  readonly seq: number;
  readonly t_ns: number;
  readonly reason: string;
  readonly duration_ns: number;
}

export interface EnteredRow {
  readonly seq: number;
  readonly file: number;
  readonly path: string;
  readonly chars: number;
  readonly is_masked: boolean;
}

export interface PausedRow {
  readonly seq: number;
  readonly path: string;
  readonly chars: number;
  readonly is_shared: boolean;
}

export interface LookedAtRow {
  readonly file: number;
  readonly path: string;
  readonly is_whole: boolean;
}

export interface OverlayRow {
  readonly file: number;
  readonly path: string;
  readonly is_shared: boolean;
}

export interface LicenceRow {
  readonly file: number;
  readonly path: string;
  readonly why: string;
}

export type TreeGroup = "own" | "vendored" | "generated" | "other_licence";

/** A file of the base commit. */
export interface TreeFile {
  /** Among those that may be included, as plans name it; null: it never is. */
  readonly place: number | null;
  readonly path: string;
  readonly size_bytes: number | null;
  /** Asked: a word that nobody knows stands in it, so it stays until the person takes it in. */
  readonly state: "carried" | "unticked" | "asked" | "left_out";
  /** Why it is left out, in words. */
  readonly why: string | null;
  /** Of what stands in its way, or did before it was taken in. */
  readonly line: number | null;
  readonly group: TreeGroup;
  readonly licence: string | null;
  /** The lines around what is asked about. */
  readonly samples: readonly Sample[];
}

/** `GET /api/keeps/K/base-tree`: takes long when it is asked first. */
export interface BaseTree {
  readonly possible: boolean;
  readonly why_not: string | null;
  readonly hint: string | null;
  readonly commit: string | null;
  readonly claim: "private" | "declared_public" | null;
  readonly claim_text: string | null;
  readonly list_sha256: string | null;
  readonly is_chosen: boolean;
  readonly files: readonly TreeFile[];
  readonly files_carried: number;
  readonly bytes_carried: number;
  readonly files_left_out: number;
}

/** `GET /api/repository`: what naming it would tell. */
export interface RepositoryRow {
  readonly possible: boolean;
  readonly why_not: string | null;
  readonly hint: string | null;
  readonly suggested_url: string | null;
  /** Commits that a remote held: they would be named. */
  readonly commits: readonly {
    readonly name: string;
    readonly commit: string;
    readonly is_base: boolean;
  }[];
  /** How many others stay pseudonyms. */
  readonly not_public: number;
  readonly claim_text: string;
  readonly named: null | { readonly url: string; readonly spdx: string; readonly commits: number };
}
