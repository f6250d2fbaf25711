import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { isRestored } from "../restoring";
import type { PasteWitness } from "./paste_witness";
import { isAtCursors } from "./places";

/**
 * A selection that a key moved comes right behind its change: up to 3 ms where the extension host
 * is idle, more where an extension that starts keeps it busy in between.
 */
const MOST_APART_MS = 200;

interface Change {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly changes: readonly vscode.TextDocumentContentChangeEvent[];
  readonly atMs: number;
}

/**
 * Says who caused a change, only on a direct sign (PROTOCOL.md, `signoff/evidence`).
 *
 * `key` needs all of these: the focused window's active editor told of a selection of kind
 * Keyboard right behind the change and before any other, and every cursor stands where one key
 * would have put it. Whether keys came faster than hands are is the bridge's to decide. VS Code
 * gives kind Keyboard for characters alone: line breaks, deletions, Tab and cut come without a
 * kind, as programs' edits do, and nothing is said of them.
 */
export class Evidence implements vscode.Disposable {
  private last: Change | undefined;
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly window: ObservedWindow,
    private readonly pastes: Pick<PasteWitness, "takes">,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.changed(event);
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        this.selected(event);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private changed(event: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges, reason } = event;
    if (contentChanges.length === 0) return; // only whether it is saved has changed
    this.last = undefined;
    if (!this.window.isTold(document)) return;
    if (reason === vscode.TextDocumentChangeReason.Undo) this.send(document, { reason: "undo" });
    else if (reason === vscode.TextDocumentChangeReason.Redo)
      this.send(document, { reason: "redo" });
    else if (isRestored(document.uri, contentChanges))
      this.send(document, { reason: "external", detail: "signoff restore" });
    else {
      const paste = this.pastes.takes(document, contentChanges);
      if (paste === "pasted") this.send(document, { reason: "paste" });
      else if (paste === "other") {
        const { version } = document;
        this.last = { document, version, changes: contentChanges, atMs: this.nowMs() };
      }
    }
  }

  private selected(event: vscode.TextEditorSelectionChangeEvent): void {
    const { last } = this;
    if (last === undefined || event.textEditor !== vscode.window.activeTextEditor) return;
    if (event.textEditor.document !== last.document) return;
    this.last = undefined;
    const nowMs = this.nowMs();
    const { focused, active } = vscode.window.state;
    if (
      event.kind === vscode.TextEditorSelectionChangeKind.Keyboard &&
      nowMs - last.atMs <= MOST_APART_MS &&
      focused &&
      active &&
      last.document.version === last.version &&
      isAtCursors(last.changes, event.selections)
    ) {
      const pressed = { reason: "key", detail: "insert", pressed_ms: Math.round(nowMs) };
      this.send(last.document, pressed);
    }
  }

  private send(document: vscode.TextDocument, evidence: object): void {
    const { uri, version } = document;
    this.window.notify(Outgoing.evidence, { uri: uri.toString(), version, ...evidence });
  }
}
