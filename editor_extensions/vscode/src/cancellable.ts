import * as vscode from "vscode";

import { runVerb, type VerbResult } from "./verbs";

/**
 * Run a verb that may take a while, with its progress shown and a button that interrupts it.
 *
 * @param folder the one it is run in; the home folder unless given
 */
export function runShown(
  title: string,
  program: string,
  words: readonly string[],
  folder?: string,
): Thenable<VerbResult> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => {
    const interruption = new AbortController();
    const asked = token.onCancellationRequested(() => {
      interruption.abort();
    });
    return runVerb(program, words, interruption.signal, folder).finally(() => {
      asked.dispose();
    });
  });
}
