import { visible } from "./history/rows";
import { lasted } from "./lasting";
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
  /** The first task that was stated, else the files that were edited most; empty until sealed. */
  readonly title: string;
  readonly durationS: number;
}

/** An episode that `signoff list` names. */
export interface EpisodeRow {
  readonly id: string;
  readonly sizeBytes: number;
  readonly written: string;
  readonly isSigned: boolean;
  readonly isWithdrawn: boolean;
  /** Id of the session it was made from; empty when that is not known. */
  readonly session: string;
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
      title: visible(row["title"]),
      durationS: typeof row["duration_s"] === "number" ? row["duration_s"] : 0,
      ...(typeof row["episode"] === "string" ? { episode: row["episode"] } : {}),
    })),
    episodes: of("episode").map((row) => ({
      id: asText(row["id"]),
      sizeBytes: typeof row["size_bytes"] === "number" ? row["size_bytes"] : 0,
      written: asText(row["written"]),
      isSigned: row["signed"] === true,
      isWithdrawn: row["state"] === "withdrawn",
      session: asText(row["session"]),
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

/** How far a session has come, in one word, by what was made from it. */
export function stateOf(session: SessionRow, episodes: readonly EpisodeRow[]): string {
  const own = episodes.filter((one) => one.session === session.id);
  if (session.state === "live") return "recording";
  if (own.some((one) => one.uploaded.length > 0 && !one.isWithdrawn)) return "sent";
  if (own.some((one) => one.isSigned)) return "signed";
  if (own.some((one) => one.isWithdrawn)) return "withdrawn";
  return session.state === "sealed" ? "not signed" : session.state;
}

/** What a session was about, or when it was. */
export function titleOf(session: SessionRow): string {
  return session.title === "" ? localTime(session.started) : session.title;
}

/** When a session was, how long, and how far it has come. */
export function detailOf(session: SessionRow, episodes: readonly EpisodeRow[]): string {
  const when = session.title === "" ? "" : localTime(session.started);
  const long = session.durationS > 0 ? lasted(session.durationS) : "";
  return [stateOf(session, episodes), when, long].filter((word) => word !== "").join(", ");
}
