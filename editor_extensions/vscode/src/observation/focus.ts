import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { Coalescer } from "./coalescing";

const WAIT_MS = 100;

/**
 * Tells where the person is: in this window or not, and in which tab.
 *
 * VS Code does not say whether the keys go to the editor or to a panel below it; a terminal counts
 * where it is a tab of its own.
 */
export class Focus implements vscode.Disposable {
  private readonly changes: Coalescer<"focus">;
  private readonly subscriptions: vscode.Disposable;
  private told = "";

  constructor(private readonly window: ObservedWindow) {
    this.changes = new Coalescer(WAIT_MS, () => {
      this.tell();
    });
    const mark = (): void => {
      this.changes.mark("focus");
    };
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeWindowState(mark),
      vscode.window.onDidChangeActiveTextEditor(mark),
      vscode.window.tabGroups.onDidChangeTabs(({ opened, closed, changed }) => {
        if (opened.length + closed.length > 0 || changed.some((tab) => tab.isActive)) mark();
      }),
    );
    mark();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }

  private tell(): void {
    const now = this.where();
    const said = JSON.stringify(now);
    if (said === this.told) return;
    this.told = said;
    this.window.notify(Outgoing.focus, now);
  }

  private where(): object {
    if (!vscode.window.state.focused) return { gained: false, to: "other" };
    const { activeTextEditor, tabGroups } = vscode.window;
    const input = tabGroups.activeTabGroup.activeTab?.input;
    if (input instanceof vscode.TabInputTerminal) return { gained: false, to: "terminal" };
    if (activeTextEditor === undefined) return { gained: false, to: "other" };
    const { document } = activeTextEditor;
    const uri = this.window.isTold(document) ? { uri: document.uri.toString() } : {};
    return { gained: true, to: "editor", ...uri };
  }
}
