import * as vscode from "vscode";

import type { BridgeLife } from "./bridge";
import { visible } from "./history/rows";
import { type BridgeStanding, stepTotal, type WorkspaceStanding } from "./standing";

const PRIORITY = 40;
const SHORTEST_COUNT = 10_000;
/** What the hover offers: words and command. */
const LINKS = [
  ["Today", "signoff.today"],
  ["Captured", "signoff.showCaptured"],
  ["What is recorded", "signoff.whatIsRecorded"],
  ["Pause for 10 minutes", "signoff.pauseTenMinutes"],
  ["Menu", "signoff.menu"],
] as const;

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
    this.item.tooltip = hover(lines, life);
    this.item.accessibilityInformation = { label: `Signoff: ${lines[0] ?? ""}`, role: "button" };
    this.item.backgroundColor = isProblem
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** The lines, and what can be done about them; only our own commands are links. */
function hover(lines: readonly string[], life: BridgeLife): vscode.MarkdownString {
  const links = life.kind === "running" ? LINKS : LINKS.slice(-1);
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: links.map(([, command]) => command) };
  lines.forEach((line, place) => {
    text.appendText(visible(line));
    text.appendMarkdown(place === 0 ? "\n\n" : "  \n");
  });
  const said = links.map(([words, command]) => `[${words}](command:${command})`);
  text.appendMarkdown(`\n---\n${said.join(" \u00b7 ")}`);
  return text;
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
      ...standing.workspaces.flatMap(({ task }) => (task === undefined ? [] : [`Task: ${task}`])),
      ...standing.problems,
      ...standing.workspaces.map((one) => `${one.root}: ${workspaceWords(one)}`),
      ...countLines(standing.steps),
      ...standing.announcements,
    ],
    isProblem,
  };
}

function state(standing: BridgeStanding): [icon: string, words: string, fact: string] {
  if (standing.isRecording && isAtRest(standing)) {
    return ["record", "Signoff: idle", "No session is active; the next change starts one."];
  }
  if (standing.isRecording) {
    const total = stepTotal(standing);
    const counted = total === 1 ? "1 step" : `${short(total)} steps`;
    return ["record", `Signoff: recording ${counted}`, `Signoff records here: ${counted}.`];
  }
  const paused = standing.workspaces.find((one) => one.state === "paused");
  switch (paused?.pause) {
    case "private":
      return ["eye-closed", `Signoff: private ${ending(paused)}`, "Private: nothing is recorded."];
    case "shared":
      return ["debug-pause", "Signoff: paused while shared", "Paused while this editor is shared."];
    case "paused":
    case undefined:
      break;
  }
  if (paused !== undefined) {
    return ["debug-pause", `Signoff: paused ${ending(paused)}`, "Paused: nothing is recorded."];
  }
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
  return one.pause === "shared" ? "paused while shared" : `${one.pause ?? "paused"} ${ending(one)}`;
}

/** When a pause ends. */
function ending({ pausedUntilMs }: WorkspaceStanding): string {
  return pausedUntilMs === undefined
    ? "until you resume"
    : `until ${new Date(pausedUntilMs).toLocaleTimeString([], { timeStyle: "short" })}`;
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
