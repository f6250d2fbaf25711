import * as vscode from "vscode";

import type { ObservedWindow } from "../observed_window";

const SETTING = "pasteWitness";
/** So long after VS Code asked, a change at the same place is the paste. */
const MOST_APART_MS = 2_000;
const LONGEST_AMBIGUOUS = 2; // UTF-16 units: one character, which a key may have put in as well

interface Asked {
  readonly document: vscode.TextDocument;
  readonly ranges: readonly vscode.Range[];
  readonly atMs: number;
}

/**
 * Sees that VS Code is about to paste, as a paste provider that offers nothing.
 *
 * The clipboard is not looked at: what is handed over is not read, only where it goes is kept, for
 * two seconds. Off unless the person switched `signoff.pasteWitness` on: with any such provider VS
 * Code asks the extension host before each paste, and drops the paste when a key comes first.
 */
export class PasteWitness implements vscode.Disposable {
  private asked: Asked | undefined;
  private provider: vscode.Disposable | undefined;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly window: Pick<ObservedWindow, "isTold">,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`signoff.${SETTING}`)) this.settle();
    });
    this.settle();
  }

  dispose(): void {
    this.subscription.dispose();
    this.provider?.dispose();
    this.provider = this.asked = undefined;
  }

  /**
   * Say of a change whether it is the paste that was announced.
   *
   * @returns `pasted`; `unclear` where a key may as well have done it; else `other`
   */
  takes(
    document: vscode.TextDocument,
    changes: readonly vscode.TextDocumentContentChangeEvent[],
  ): "pasted" | "unclear" | "other" {
    const { asked } = this;
    if (asked?.document !== document) return "other";
    this.asked = undefined; // any change of the document ends the waiting: VS Code cancels, too
    const isThere =
      this.nowMs() - asked.atMs <= MOST_APART_MS &&
      changes.every((change) => asked.ranges.some((range) => isPastedAt(change.range, range)));
    if (!isThere) return "other";
    return changes.some(({ text }) => text.length > LONGEST_AMBIGUOUS) ? "pasted" : "unclear";
  }

  private settle(): void {
    const isWanted = vscode.workspace.getConfiguration("signoff").get<boolean>(SETTING, false);
    if (!isWanted) {
      this.provider?.dispose();
      this.provider = this.asked = undefined;
      return;
    }
    this.provider ??= vscode.languages.registerDocumentPasteEditProvider(
      { scheme: "file" },
      {
        provideDocumentPasteEdits: (document, ranges) => {
          if (this.window.isTold(document)) {
            this.asked = { document, ranges, atMs: this.nowMs() };
          }
          return undefined;
        },
      },
      {
        pasteMimeTypes: ["text/plain"],
        providedPasteEditKinds: [vscode.DocumentDropOrPasteEditKind.Text.append("signoff")],
      },
    );
  }
}

/** A copied line goes to the start of the cursor's line, everything else to the selection. */
function isPastedAt(change: vscode.Range, selection: vscode.Range): boolean {
  if (change.isEqual(selection)) return true;
  const { start } = change;
  return change.isEmpty && start.character === 0 && start.line === selection.start.line;
}
