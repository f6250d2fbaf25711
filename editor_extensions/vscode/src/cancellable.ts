import * as vscode from "vscode";

import { runVerb, type VerbResult } from "./verbs";

/** Run a verb that seals or sends, with its progress in a notification whose button interrupts it. */
export function runShown(
  title: string,
  program: string,
  words: readonly string[],
): Thenable<VerbResult> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => {
    const interruption = new AbortController();
    const asked = token.onCancellationRequested(() => {
      interruption.abort();
    });
    return runVerb(program, words, interruption.signal).finally(() => {
      asked.dispose();
    });
  });
}

/**
 * Run a verb that only looks something up, with its progress in the status bar.
 *
 * @param folder the one it is run in; the home folder unless given
 */
export function runQuietly(
  title: string,
  program: string,
  words: readonly string[],
  folder?: string,
): Thenable<VerbResult> {
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title }, () =>
    runVerb(program, words, undefined, folder),
  );
}
