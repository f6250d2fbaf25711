/** What the bridge says of itself (`signoff/state`, PROTOCOL.md), read without trusting its shape. */

export type WorkspaceState = "recording" | "paused" | "stopped" | "off";
export type PauseReason = "paused" | "private" | "shared";

export interface WorkspaceStanding {
  /** Absolute path of the folder or single file. */
  readonly root: string;
  readonly state: WorkspaceState;
  /** Id of the session that goes on; without one the next change begins one. */
  readonly session?: string;
  /** What the person said to work on, masked. */
  readonly task?: string;
  /** Only while paused. */
  readonly pause?: PauseReason;
  /** Milliseconds since 1970; without it the pause lasts until resumed. */
  readonly pausedUntilMs?: number;
}

export interface BridgeStanding {
  readonly isRecording: boolean;
  readonly reason: string;
  /** What does not work, in words; empty when all is well. */
  readonly problems: readonly string[];
  /** What a person should know of the opt-ins, such as that one ends soon. */
  readonly announcements: readonly string[];
  readonly workspaces: readonly WorkspaceStanding[];
  /** Step kind to number, over all workspaces. */
  readonly steps: ReadonlyMap<string, number>;
  /** Another text once `signoff list` may print something else. */
  readonly listed: string;
  /** Release of the bridge. */
  readonly version: string;
}

export const UNKNOWN_STANDING: BridgeStanding = {
  isRecording: false,
  reason: "",
  problems: [],
  announcements: [],
  workspaces: [],
  steps: new Map(),
  listed: "",
  version: "",
};

/** Read what the bridge sent; what has not the agreed shape is left out. */
export function readStanding(value: unknown): BridgeStanding {
  const fields = asRecord(value);
  return {
    isRecording: fields["recording"] === true,
    reason: asText(fields["reason"]),
    problems: asList(fields["problems"]).map(asText).filter(isNotEmpty),
    announcements: asList(fields["announcements"]).map(asText).filter(isNotEmpty),
    workspaces: asList(fields["workspaces"]).map(asRecord).map(readWorkspace),
    steps: readCounts(fields["steps"]),
    listed: asText(fields["listed"]),
    version: asText(fields["version"]),
  };
}

/** Number of steps of all kinds. */
export function stepTotal(standing: BridgeStanding): number {
  return [...standing.steps.values()].reduce((total, count) => total + count, 0);
}

function readWorkspace(fields: Readonly<Record<string, unknown>>): WorkspaceStanding {
  const state = fields["state"];
  const pause = fields["pause"];
  const until = fields["paused_until_ms"];
  const session = fields["session"];
  const task = asText(fields["task"]);
  return {
    root: asText(fields["root"]),
    state: state === "recording" || state === "paused" || state === "stopped" ? state : "off",
    ...(typeof session === "string" ? { session } : {}),
    ...(task === "" ? {} : { task }),
    ...(pause === "paused" || pause === "private" || pause === "shared" ? { pause } : {}),
    ...(typeof until === "number" ? { pausedUntilMs: until } : {}),
  };
}

function readCounts(value: unknown): ReadonlyMap<string, number> {
  const counted = Object.entries(asRecord(value)).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0,
  );
  return new Map(counted);
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isNotEmpty(text: string): boolean {
  return text !== "";
}
