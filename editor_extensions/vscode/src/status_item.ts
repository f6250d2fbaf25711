import * as vscode from "vscode";

import type { BridgeLife } from "./bridge";
import { type BridgeStanding, stepTotal, type WorkspaceStanding } from "./standing";

const PRIORITY = 40;
const SHORTEST_COUNT = 10_000;

/** What the status bar shows. */
export interface StatusText {
  readonly text: string;
  /** One line each; the first says whether anything is recorded. */
  readonly lines: readonly string[];
  readonly isProblem: boolean;
}

/** The item in the status bar: state and counts at a glance, the menu at one click. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(command: string) {
    this.item = vscode.window.createStatusBarItem(
      "signoff.status",
      vscode.StatusBarAlignment.Right,
      PRIORITY,
    );
    this.item.name = "Signoff";
    this.item.command = command;
    this.item.show();
  }

  show(life: BridgeLife, standing: BridgeStanding): void {
    const { text, lines, isProblem } = describe(life, standing);
    this.item.text = text;
    this.item.tooltip = lines.join("\n");
    this.item.accessibilityInformation = { label: `Signoff: ${lines[0] ?? ""}`, role: "button" };
    this.item.backgroundColor = isProblem
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** Put state and counts into words. */
export function describe(life: BridgeLife, standing: BridgeStanding): StatusText {
  switch (life.kind) {
    case "resting":
    case "starting":
      return plain("$(circle-outline) Signoff", "Nothing is recorded yet in this window.");
    case "failed":
      return {
        text: life.isMissing ? "$(circle-slash) Signoff" : "$(warning) Signoff",
        lines: [life.fact, "Nothing is recorded in this window."],
        isProblem: !life.isMissing,
      };
    case "running":
      return running(standing);
  }
}

function plain(text: string, line: string): StatusText {
  return { text, lines: [line], isProblem: false };
}

function running(standing: BridgeStanding): StatusText {
  const isProblem = standing.problems.length > 0;
  const [icon, words, fact] = state(standing);
  return {
    text: `$(${isProblem ? "warning" : icon}) ${words}`,
    lines: [
      fact,
      ...standing.problems,
      ...standing.workspaces.map((one) => `${one.root}: ${workspaceWords(one)}`),
      ...countLines(standing.steps),
    ],
    isProblem,
  };
}

function state(standing: BridgeStanding): [icon: string, words: string, fact: string] {
  if (standing.isRecording && isAtRest(standing)) {
    return ["record", "idle", "No session is active; the next change starts one."];
  }
  if (standing.isRecording) {
    const total = stepTotal(standing);
    const counted = total === 1 ? "1 step" : `${short(total)} steps`;
    return ["record", `recording ${counted}`, `Signoff records here: ${counted}.`];
  }
  const paused = standing.workspaces.find((one) => one.state === "paused");
  switch (paused?.pause) {
    case "private":
      return ["eye-closed", "private", "Private: nothing is recorded."];
    case "shared":
      return ["debug-pause", "paused: shared", "Paused while this editor is shared."];
    case "paused":
    case undefined:
      break;
  }
  if (paused !== undefined) return ["debug-pause", "paused", "Paused: nothing is recorded."];
  if (standing.workspaces.some((one) => one.state === "stopped")) {
    return ["warning", "Signoff: stopped", "Nothing is recorded because of an error."];
  }
  return ["circle-outline", "Signoff: off", standing.reason || "Nothing is recorded here."];
}

/** Whether no folder that is recorded has a session now: the last one ended. */
function isAtRest({ workspaces }: BridgeStanding): boolean {
  const recorded = workspaces.filter((one) => one.state === "recording");
  return recorded.length > 0 && recorded.every((one) => one.session === undefined);
}

function workspaceWords(one: WorkspaceStanding): string {
  if (one.state !== "paused") return one.state;
  const until =
    one.pausedUntilMs === undefined
      ? "until you resume"
      : `until ${new Date(one.pausedUntilMs).toLocaleTimeString([], { timeStyle: "short" })}`;
  return one.pause === "shared" ? "paused while shared" : `${one.pause ?? "paused"} ${until}`;
}

function countLines(steps: ReadonlyMap<string, number>): string[] {
  const counted = [...steps].sort(([, first], [, second]) => second - first);
  return counted.length === 0
    ? []
    : [counted.map(([kind, count]) => `${kind} ${count}`).join(" \u00b7 ")];
}

function short(count: number): string {
  return count < SHORTEST_COUNT ? String(count) : `${Math.floor(count / 1000)}k`;
}
