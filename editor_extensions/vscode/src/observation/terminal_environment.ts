import * as vscode from "vscode";

import { Requests } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { asRecord, asText } from "../standing";

const SETTING = "terminalTestResults";
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Gives new integrated terminals the variables with which test runners report to Signoff, while
 * something is recorded and the person has switched `signoff.terminalTestResults` on.
 */
export class TerminalEnvironment implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  private isGiven = false;
  private isOver = false;

  constructor(private readonly window: ObservedWindow) {
    this.collection.persistent = false;
    this.collection.clear();
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`signoff.${SETTING}`)) void this.settle();
      }),
      window.onDidChangeStanding(() => {
        void this.settle();
      }),
    );
    void this.settle();
  }

  dispose(): void {
    this.isOver = true;
    this.subscriptions.dispose();
    this.collection.clear();
  }

  private get collection(): vscode.EnvironmentVariableCollection {
    return this.window.context.environmentVariableCollection;
  }

  private isWanted(): boolean {
    const settings = vscode.workspace.getConfiguration("signoff");
    return (
      !this.isOver && this.window.standing.isRecording && settings.get<boolean>(SETTING, false)
    );
  }

  private async settle(): Promise<void> {
    if (!this.isWanted()) {
      if (this.isGiven) this.collection.clear();
      this.isGiven = false;
      return;
    }
    if (this.isGiven) return;
    this.isGiven = true;
    const answer = await this.ask();
    if (!this.isWanted()) return; // taken back meanwhile
    const variables = Object.entries(asRecord(answer["variables"]));
    if (variables.length === 0) this.isGiven = false;
    this.collection.description = asText(answer["description"]);
    for (const [name, value] of variables) {
      if (VARIABLE_NAME.test(name) && typeof value === "string") {
        this.collection.replace(name, value);
      }
    }
  }

  private async ask(): Promise<Readonly<Record<string, unknown>>> {
    try {
      return asRecord(await this.window.request(Requests.terminalEnvironment, {}));
    } catch {
      return {};
    }
  }
}
