import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { Coalescer } from "./coalescing";
import { asRange } from "./looking";

const WAIT_MS = 250;
const MOST_ITEMS = 200;
const LONGEST_MESSAGE = 2_000;
const MOST_COMPARED = 200;

/** Tells the whole set of a document's diagnostics, of all providers, when it has changed. */
export class Diagnostics implements vscode.Disposable {
  private readonly changes: Coalescer<string>;
  private readonly told = new WeakMap<vscode.TextDocument, string>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly window: ObservedWindow) {
    this.changes = new Coalescer(WAIT_MS, (uri) => {
      this.tell(uri);
    });
    this.subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      this.mark(uris.length > MOST_COMPARED ? undefined : uris);
    });
    this.mark(undefined);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  /** Mark the open documents among these, or all; an event may name every file of a project. */
  private mark(uris: readonly vscode.Uri[] | undefined): void {
    const changed = uris === undefined ? undefined : new Set(uris.map((uri) => uri.toString()));
    for (const document of vscode.workspace.textDocuments) {
      const uri = document.uri.toString();
      if (changed?.has(uri) !== false) this.changes.mark(uri);
    }
  }

  private tell(uri: string): void {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (document === undefined || !this.window.isTold(document)) return;
    const all = vscode.languages.getDiagnostics(document.uri);
    const items = all.slice(0, MOST_ITEMS).map(asItem);
    const said = JSON.stringify(items);
    if ((this.told.get(document) ?? "[]") === said) return;
    this.told.set(document, said);
    this.window.notify(Outgoing.diagnostics, {
      uri,
      version: document.version,
      items,
      left_out: all.length - items.length,
    });
  }
}

/** LSP `Diagnostic`; related places and links are left out. */
function asItem(one: vscode.Diagnostic): object {
  const code = typeof one.code === "object" ? one.code.value : one.code;
  return {
    range: asRange(one.range),
    severity: one.severity + 1,
    ...(one.source === undefined ? {} : { source: one.source }),
    ...(code === undefined ? {} : { code }),
    message: one.message.slice(0, LONGEST_MESSAGE),
  };
}
