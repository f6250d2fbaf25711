import * as vscode from "vscode";

import { Incoming, Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { asRecord } from "../standing";

/** Gives the bridge the whole text of a buffer when it has lost it. */
export function observeAnchors(window: ObservedWindow): vscode.Disposable {
  return window.onNotification(Incoming.anchor, (params) => {
    const { uri } = asRecord(params);
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (document === undefined || !window.isTold(document)) return;
    window.notify(Outgoing.text, {
      uri,
      version: document.version,
      languageId: document.languageId,
      text: document.getText(),
    });
  });
}
