import * as vscode from "vscode";

import type { ObservedWindow } from "../observed_window";
import type { PasteWitness } from "./paste_witness";
import { isAtCursors } from "./places";

/**
 * A selection that a key moved comes right behind its change: up to 3 ms where the extension host
 * is idle, more where an extension that starts keeps it busy in between.
 */
const MOST_APART_MS = 200;
/** So long evidence of keys waits for what may speak against it. */
const SETTLE_MS = 64;
/** So many keys within `SETTLE_MS` are a program's. */
const BURST_KEYS = 16;

interface Change {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly changes: readonly vscode.TextDocumentContentChangeEvent[];
  readonly atMs: number;
}

interface Held {
  readonly uri: string;
  readonly version: number;
  readonly atMs: number;
}

/**
 * Says who caused a change, only on a direct sign (PROTOCOL.md, `signoff/evidence`).
 *
 * `key` needs all of these: the focused window's active editor told of a selection of kind
 * Keyboard right behind the change and before any other, every cursor stands where one key would
 * have put it, and keys did not come faster than hands are. VS Code gives kind Keyboard for
 * characters alone: line breaks, deletions, Tab and cut come without a kind, as programs' edits
 * do, and nothing is said of them.
 */
export class Evidence implements vscode.Disposable {
  private last: Change | undefined;
  private held: Held[] = [];
  private recentMs: number[] = [];
  private timer: NodeJS.Timeout | undefined;
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
    clearTimeout(this.timer);
    this.timer = undefined;
    this.held = [];
  }

  private changed(event: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges, reason } = event;
    if (contentChanges.length === 0) return; // only whether it is saved has changed
    this.last = undefined;
    if (!this.window.isTold(document)) return;
    if (reason === vscode.TextDocumentChangeReason.Undo) this.say(document, "undo");
    else if (reason === vscode.TextDocumentChangeReason.Redo) this.say(document, "redo");
    else {
      const paste = this.pastes.takes(document, contentChanges);
      if (paste === "pasted") this.say(document, "paste");
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
      this.hold({ uri: last.document.uri.toString(), version: last.version, atMs: nowMs });
    }
  }

  /** Keep a key's evidence until nothing can speak against it any more. */
  private hold(key: Held): void {
    this.recentMs = this.recentMs.filter((atMs) => key.atMs - atMs < SETTLE_MS);
    this.recentMs.push(key.atMs);
    if (this.recentMs.length >= BURST_KEYS) {
      this.held = [];
      this.recentMs = this.recentMs.slice(-BURST_KEYS);
      return;
    }
    this.held.push(key);
    this.wait();
  }

  private wait(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const beforeMs = this.nowMs() - SETTLE_MS;
      const due = this.held.filter((key) => key.atMs <= beforeMs);
      this.held = this.held.slice(due.length);
      for (const { uri, version } of due) {
        this.window.notify("signoff/evidence", { uri, version, reason: "key", detail: "insert" });
      }
      if (this.held.length > 0) this.wait();
    }, SETTLE_MS);
  }

  private say(document: vscode.TextDocument, reason: "undo" | "redo" | "paste"): void {
    const { uri, version } = document;
    this.window.notify("signoff/evidence", { uri: uri.toString(), version, reason });
  }
}
