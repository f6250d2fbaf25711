import { asList, asText } from "./standing";
import type { VerbResult } from "./verbs";

/** A session that `signoff list` names. */
export interface SessionRow {
  readonly id: string;
  readonly state: string;
  /** Absolute path of its workspace; empty when it cannot be read. */
  readonly root: string;
  /** RFC 3339. */
  readonly started: string;
  /** Id of the episode it was sealed into. */
  readonly episode?: string;
}

/** An episode that `signoff list` names. */
export interface EpisodeRow {
  readonly id: string;
  readonly sizeBytes: number;
  readonly written: string;
  readonly isSigned: boolean;
  /** Absolute path of the workspace; empty when it is not known. */
  readonly root: string;
  /** Stores it was signed for. */
  readonly audiences: readonly string[];
  /** Stores that hold it, as far as this machine knows. */
  readonly uploaded: readonly string[];
}

/** Read the rows of `signoff list --json`, in its order: oldest first. */
export function readListing(result: VerbResult): {
  readonly sessions: readonly SessionRow[];
  readonly episodes: readonly EpisodeRow[];
} {
  const of = (kind: string): VerbResult["rows"] =>
    result.rows.filter((row) => row["kind"] === kind);
  return {
    sessions: of("session").map((row) => ({
      id: asText(row["id"]),
      state: asText(row["state"]),
      root: asText(row["root"]),
      started: asText(row["started"]),
      ...(typeof row["episode"] === "string" ? { episode: row["episode"] } : {}),
    })),
    episodes: of("episode").map((row) => ({
      id: asText(row["id"]),
      sizeBytes: typeof row["size_bytes"] === "number" ? row["size_bytes"] : 0,
      written: asText(row["written"]),
      isSigned: row["signed"] === true,
      root: asText(row["root"]),
      audiences: asList(row["audiences"]).map(asText),
      uploaded: asList(row["uploaded"]).map(asText),
    })),
  };
}

/** The day and time of an RFC 3339 time, as this machine writes them. */
export function localTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  return Number.isNaN(time.valueOf())
    ? rfc3339
    : time.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
