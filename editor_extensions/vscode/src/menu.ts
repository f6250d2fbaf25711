import * as vscode from "vscode";

import type { BridgeLife } from "./bridge";
import type { BridgeStanding } from "./standing";

interface MenuItem extends vscode.QuickPickItem {
  readonly command?: string;
}

/** Show what can be done now; choosing runs the command of the palette with the same effect. */
export async function showMenu(life: BridgeLife, standing: BridgeStanding): Promise<void> {
  const items = menuItems(life, standing);
  const task = standing.workspaces.find((one) => one.task !== undefined)?.task;
  const picked = await vscode.window.showQuickPick(items, {
    title: "Signoff",
    placeHolder: standing.isRecording
      ? `This window is being recorded${task === undefined ? "" : `: ${task}`}`
      : "Nothing is recorded now",
  });
  if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
}

/** The entries that make sense in this state: where nothing is recorded, how to begin comes first. */
export function menuItems(life: BridgeLife, standing: BridgeStanding): readonly MenuItem[] {
  if (life.kind === "failed" && life.isMissing) {
    return [
      item("question", "How to install the program", "install"),
      item("refresh", "Look for it again", "restart"),
      item("book", "First steps", "walkthrough"),
    ];
  }
  const isPaused = standing.workspaces.some((one) => one.state === "paused");
  const isEnabled = standing.workspaces.length > 0;
  const record = item("record", "Record in this folder\u2026", "enable");
  return [
    ...(life.kind === "failed" ? [item("refresh", "Restart the recorder", "restart")] : []),
    ...(isEnabled ? [] : [record]),
    ...(standing.isRecording
      ? [
          line("Now"),
          item("target", "Set the task you work on\u2026", "task"),
          item("note", "Leave a note\u2026", "note"),
          item("debug-pause", "Pause for 10 minutes", "pauseTenMinutes"),
          item("debug-pause", "Pause until I resume", "pause"),
          item("eye-closed", "Private mode", "private"),
        ]
      : []),
    ...(isPaused ? [line("Now"), item("debug-continue", "Resume recording\u2026", "resume")] : []),
    line("Yours"),
    item("git-compare", "History of this file\u2026", "history"),
    item("search", "Find in my history\u2026", "find"),
    item("calendar", "Today", "today"),
    line("Recorded"),
    item("info", "What is recorded", "whatIsRecorded"),
    item("list-tree", "What has been captured", "showCaptured"),
    ...(isEnabled
      ? [
          item("history", "Forget the last 5 minutes\u2026", "forgetFiveMinutes"),
          item("debug-stop", "End this session", "stop"),
        ]
      : []),
    line("Share"),
    item("checklist", "Review\u2026", "review"),
    item("verified", "Reviews, signed and sent", "reviews"),
    line("More"),
    ...(isEnabled ? [record] : []),
    item("book", "First steps", "walkthrough"),
  ];
}

function item(icon: string, words: string, command: string): MenuItem {
  return { label: `$(${icon}) ${words}`, command: `signoff.${command}` };
}

function line(label: string): MenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
