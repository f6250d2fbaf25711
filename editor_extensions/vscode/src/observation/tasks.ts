import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import type { SeenLines } from "./seen_lines";
import { SETTING } from "./terminals";

const MOST_RUNNING = 32;
const LONGEST_LINE = 8_000;
const HERE = "${workspaceFolder}";

/**
 * Tells of tasks that ran a process: line, folder and exit code. The API shows no output of them;
 * where a terminal with shell integration ran the task, `Terminals` tells of it, with its output.
 */
export class Tasks implements vscode.Disposable {
  private readonly startedMs = new Map<vscode.TaskExecution, number>();
  private readonly prefix = `k${randomBytes(4).toString("hex")}`;
  private count = 0;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly window: ObservedWindow,
    private readonly lines: { readonly ofTerminals: SeenLines; readonly ofTasks: SeenLines },
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.subscriptions = vscode.Disposable.from(
      vscode.tasks.onDidStartTaskProcess(({ execution }) => {
        this.started(execution);
      }),
      vscode.tasks.onDidEndTaskProcess((event) => {
        this.ended(event);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.startedMs.clear();
  }

  private started(execution: vscode.TaskExecution): void {
    const isWanted = vscode.workspace.getConfiguration("signoff").get<boolean>(SETTING, true);
    if (!isWanted || !this.window.standing.isRecording) return;
    if (this.startedMs.size >= MOST_RUNNING) return;
    this.startedMs.set(execution, this.nowMs());
    this.lines.ofTasks.note(lineOf(execution.task), this.nowMs());
  }

  private ended({ execution, exitCode }: vscode.TaskProcessEndEvent): void {
    const startedMs = this.startedMs.get(execution);
    if (startedMs === undefined) return;
    this.startedMs.delete(execution);
    const line = lineOf(execution.task);
    const cwd = folderOf(execution.task);
    if (line === "" || line.length > LONGEST_LINE || cwd === undefined) return;
    this.lines.ofTasks.note(line, this.nowMs());
    if (this.lines.ofTerminals.has(line, startedMs)) return;
    const durationMs = Math.round(this.nowMs() - startedMs);
    this.count += 1;
    this.window.notify(Outgoing.command, {
      id: `${this.prefix}-${this.count}`,
      via: "task",
      line,
      cwd,
      started_ago_ms: durationMs,
      duration_ms: durationMs,
      exit_code: exitCode ?? null,
    });
  }
}

/** The command as it is written in the task; empty for tasks that run no program. */
function lineOf({ execution }: vscode.Task): string {
  if (execution instanceof vscode.ProcessExecution) {
    return [execution.process, ...execution.args].join(" ");
  }
  if (!(execution instanceof vscode.ShellExecution)) return "";
  if (execution.commandLine !== undefined) return execution.commandLine;
  const words = [execution.command, ...(execution.args ?? [])].filter((word) => word !== undefined);
  return words.map((word) => (typeof word === "string" ? word : word.value)).join(" ");
}

/** The absolute folder a task runs in; undefined where it names a variable we cannot resolve. */
function folderOf({ execution, scope }: vscode.Task): string | undefined {
  const options =
    execution instanceof vscode.ProcessExecution || execution instanceof vscode.ShellExecution
      ? execution.options
      : undefined;
  const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
  const here = folder?.uri.scheme === "file" ? folder.uri.fsPath : undefined;
  const cwd = options?.cwd ?? HERE;
  const named = here === undefined ? cwd : cwd.replace(HERE, here);
  return named.includes("${") ? undefined : named;
}
