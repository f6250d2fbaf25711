import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { Coalescer } from "./coalescing";

const VIEW_MS = 250;
const SELECT_MS = 100;
const MOST_ITEMS = 200;

/** Tells which lines are visible and where cursors and selections stand. */
export class Looking implements vscode.Disposable {
  private readonly views: Coalescer<vscode.TextDocument>;
  private readonly selections: Coalescer<vscode.TextEditor>;
  private readonly shown = new WeakMap<vscode.TextDocument, string>();
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly window: ObservedWindow) {
    this.views = new Coalescer(VIEW_MS, (document) => {
      this.tellView(document);
    });
    this.selections = new Coalescer(SELECT_MS, (editor) => {
      this.tellSelection(editor);
    });
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        this.views.mark(textEditor.document);
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.views.mark(document);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.selections.mark(textEditor);
      }),
    );
    for (const { document } of vscode.window.visibleTextEditors) this.views.mark(document);
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.views.dispose();
    this.selections.dispose();
  }

  /** All windows on the document; a range changes its columns with every key, its lines rarely. */
  private tellView(document: vscode.TextDocument): void {
    if (!this.window.isTold(document)) return;
    const ranges = vscode.window.visibleTextEditors
      .filter((editor) => editor.document === document)
      .flatMap((editor) => editor.visibleRanges)
      .slice(0, MOST_ITEMS)
      .map(({ start, end }) => [start.line, end.line]);
    const shown = JSON.stringify(ranges);
    if (ranges.length === 0 || this.shown.get(document) === shown) return;
    this.shown.set(document, shown);
    const uri = document.uri.toString();
    this.window.notify(Outgoing.view, { uri, version: document.version, ranges });
  }

  private tellSelection(editor: vscode.TextEditor): void {
    const { document, selections } = editor;
    const [primary] = selections;
    if (primary === undefined || !this.window.isTold(document)) return;
    const isCursorOnly = selections.length === 1 && primary.isEmpty;
    this.window.notify(Outgoing.select, {
      uri: document.uri.toString(),
      version: document.version,
      cursor: asPosition(primary.active),
      selections: isCursorOnly ? [] : selections.slice(0, MOST_ITEMS).map(asRange),
    });
  }
}

/** LSP `Position`: both count UTF-16 units. */
export function asPosition({ line, character }: vscode.Position): object {
  return { line, character };
}

/** LSP `Range`. */
export function asRange({ start, end }: vscode.Range): object {
  return { start: asPosition(start), end: asPosition(end) };
}
