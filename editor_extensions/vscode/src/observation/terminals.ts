import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { isOwn } from "../own_terminals";
import { OutputKeeper } from "./output_keeper";
import type { SeenLines } from "./seen_lines";

/** The person's setting for terminals, which tasks obey as well: they run in terminals. */
export const SETTING = "terminalCommands";
const MOST_RUNNING = 32;
/** So long after its end the last of an output is waited for. */
const LAST_OUTPUT_MS = 1_000;
const LONGEST_LINE = 8_000;
const SHELL_NAME = /^[a-z][a-z0-9_-]{0,23}$/;
const CONFIDENCE = ["low", "medium", "high"] as const;

interface Running {
  readonly id: string;
  readonly cwd: string;
  /** Its plain name; a program that runs in the terminal may pass for one later. */
  readonly shell: string | undefined;
  /** Its process, whose hook may tell of the same command. */
  readonly shellPid: Thenable<number | undefined>;
  readonly startedMs: number;
  readonly keeper: OutputKeeper;
  /** Settles when the output has ended. */
  readonly reading: Promise<void>;
}

/**
 * Tells of commands in terminals with shell integration: line, folder, exit code, output's ends.
 *
 * Terminals in which Signoff shows recorded text are left alone, and nothing is read while nothing
 * is recorded.
 */
export class Terminals implements vscode.Disposable {
  private readonly running = new Map<vscode.TerminalShellExecution, Running>();
  private readonly prefix = `t${randomBytes(4).toString("hex")}`;
  private count = 0;
  private isOver = false;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly window: ObservedWindow,
    private readonly lines: { readonly ofTerminals: SeenLines; readonly ofTasks: SeenLines },
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidStartTerminalShellExecution((event) => {
        this.started(event);
      }),
      vscode.window.onDidEndTerminalShellExecution((event) => {
        void this.ended(event);
      }),
    );
  }

  dispose(): void {
    this.isOver = true;
    this.subscriptions.dispose();
    this.running.clear();
  }

  private started(event: vscode.TerminalShellExecutionStartEvent): void {
    const { execution, terminal, shellIntegration } = event;
    const isWanted = vscode.workspace.getConfiguration("signoff").get<boolean>(SETTING, true);
    if (!isWanted || !this.window.standing.isRecording || isOwn(terminal)) return;
    const cwd = execution.cwd ?? shellIntegration.cwd;
    if (cwd === undefined || this.running.size >= MOST_RUNNING) return;
    const keeper = new OutputKeeper();
    this.count += 1;
    const shell = terminal.state.shell;
    this.lines.ofTerminals.note(execution.commandLine.value, this.nowMs());
    this.running.set(execution, {
      id: `${this.prefix}-${this.count}`,
      cwd: cwd.fsPath,
      shell: shell !== undefined && SHELL_NAME.test(shell) ? shell : undefined,
      shellPid: terminal.processId,
      startedMs: this.nowMs(),
      keeper,
      reading: readInto(keeper, execution.read()),
    });
  }

  private async ended(event: vscode.TerminalShellExecutionEndEvent): Promise<void> {
    const { execution, exitCode } = event;
    const running = this.running.get(execution);
    if (running === undefined) return;
    this.running.delete(execution);
    const endedMs = this.nowMs();
    await Promise.race([running.reading, after(LAST_OUTPUT_MS)]);
    const shellPid = await running.shellPid;
    const { value: line, confidence } = execution.commandLine;
    if (this.isOver || line.trim() === "" || line.length > LONGEST_LINE) return;
    const { id, cwd, shell, startedMs, keeper } = running;
    this.lines.ofTerminals.note(line, endedMs);
    this.window.notify(Outgoing.command, {
      id,
      via: this.lines.ofTasks.has(line, startedMs) ? "task" : "terminal",
      line,
      cwd,
      ...(shell === undefined ? {} : { shell }),
      ...(shellPid === undefined ? {} : { shell_pid: shellPid }),
      started_ago_ms: Math.round(this.nowMs() - startedMs),
      duration_ms: Math.round(endedMs - startedMs),
      exit_code: exitCode ?? null,
      confidence: CONFIDENCE[confidence],
      // VS Code gives nothing of a command that is over at once: then it was not seen, not empty.
      ...(keeper.isEmpty ? {} : { output: keeper.kept() }),
    });
  }
}

async function readInto(keeper: OutputKeeper, pieces: AsyncIterable<string>): Promise<void> {
  try {
    for await (const piece of pieces) keeper.add(piece);
  } catch {
    // The terminal is gone; what was read so far is what there is.
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
