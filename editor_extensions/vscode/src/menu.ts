import * as vscode from "vscode";

import type { BridgeLife } from "./bridge";
import type { BridgeStanding } from "./standing";

interface MenuItem extends vscode.QuickPickItem {
  readonly command?: string;
}

/** Show what can be done now; choosing runs the command of the palette with the same effect. */
export async function showMenu(life: BridgeLife, standing: BridgeStanding): Promise<void> {
  const items = menuItems(life, standing);
  const picked = await vscode.window.showQuickPick(items, {
    title: "Signoff",
    placeHolder: standing.isRecording ? "This window is being recorded" : "Nothing is recorded now",
  });
  if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
}

/** The entries that make sense in this state, the harmless ones first. */
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
  return [
    item("info", "What is recorded", "whatIsRecorded"),
    item("list-tree", "What has been captured", "showCaptured"),
    ...(standing.isRecording
      ? [
          line("Now"),
          item("debug-pause", "Pause for 10 minutes", "pauseTenMinutes"),
          item("debug-pause", "Pause until I resume", "pause"),
          item("eye-closed", "Private mode", "private"),
          item("target", "Set the task you work on\u2026", "task"),
          item("note", "Leave a note\u2026", "note"),
        ]
      : []),
    ...(isPaused ? [line("Now"), item("record", "Resume recording\u2026", "resume")] : []),
    ...(isEnabled
      ? [
          line("Recorded"),
          item("history", "Forget the last 5 minutes\u2026", "forgetFiveMinutes"),
          item("debug-stop", "End this session", "stop"),
        ]
      : []),
    item("checklist", "Review\u2026", "review"),
    line("Yours"),
    item("git-compare", "History of this file\u2026", "history"),
    item("search", "Find in my history\u2026", "find"),
    item("calendar", "Today", "today"),
    line("More"),
    ...(life.kind === "failed" ? [item("refresh", "Restart the recorder", "restart")] : []),
    item("circle-large-outline", "Record in this folder\u2026", "enable"),
    item("book", "First steps", "walkthrough"),
  ];
}

function item(icon: string, words: string, command: string): MenuItem {
  return { label: `$(${icon}) ${words}`, command: `signoff.${command}` };
}

function line(label: string): MenuItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
