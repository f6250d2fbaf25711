// Generated from schemas/json/header.schema.json by `npm run schemas`.

/**
 * How much of something a source could see.
 */
export type Coverage = "full" | "partial" | "none";

/**
 * Everything an episode says about itself.
 */
export interface EpisodeHeader {
  format_version?: number;
  origin?: "recorded" | "shared" | "imported";
  imported?: Imported | null;
  session: string;
  workspace: string;
  base?: Base;
  editors?: Editor[];
  sources?: string[];
  policy_sha256?: string | null;
  observability?: Observability[];
  captured_on?: string | null;
  started_wall_ns?: number | null;
  duration_ns?: number;
  edits?: number;
  steps?: number;
  versions?: {
    [k: string]: string;
  };
  check?: CheckSummary;
  redaction?: {
    [k: string]: number;
  };
  masks?: {
    [k: string]: string;
  };
  exact_values?: "session" | "relearned" | "none";
  time_resolution?: "exact" | "100ms" | "1s" | "none";
  sealed_offline?: boolean | null;
}
/**
 * Where a recording of another tool comes from; such an episode is never signed.
 */
export interface Imported {
  format: string;
  said?: string[];
}
/**
 * Where the session began.
 */
export interface Base {
  commit?: string | null;
  branch?: string | null;
  is_dirty?: boolean | null;
  dirty_files?: number | null;
  repository?: string | null;
  spdx?: string | null;
}
/**
 * One editor process of the session.
 */
export interface Editor {
  name: string;
  version?: string | null;
  position_encoding?: "utf-8" | "utf-16" | "utf-32";
  sync?: "incremental" | "full";
}
/**
 * What one source could see from `from_ns` up to `to_ns`.
 */
export interface Observability {
  source: string;
  from_ns?: number;
  to_ns?: number | null;
  edits?: Coverage;
  keys?: Coverage;
  reasons?: Coverage;
  view?: Coverage;
  select?: Coverage;
  focus?: Coverage;
  diagnostics?: Coverage;
  suggestions?: Coverage;
  agents?: Coverage;
  search?: Coverage;
  output?: Coverage;
  tests?: Coverage;
  git?: Coverage;
  files?: Coverage;
}
/**
 * How faithful the replay is, as found when sealing.
 */
export interface CheckSummary {
  checkpoints?: number;
  matched?: number;
  resyncs?: number;
  blind_spans?: number;
}
