import * as vscode from "vscode";

/**
 * Ask in a modal of our own before anything is enabled, deleted or sent (threat 12).
 *
 * Commands can be run by any extension, and quick picks and notifications can be answered by one;
 * a modal cannot. The harmless answer comes first, where Enter is.
 *
 * @returns whether the person chose `act`
 */
export async function isWanted(question: {
  readonly text: string;
  readonly detail: string;
  /** Label of the answer that changes nothing. */
  readonly leave: string;
  /** Label of the answer that does it. */
  readonly act: string;
}): Promise<boolean> {
  const chosen = await vscode.window.showWarningMessage(
    question.text,
    { modal: true, detail: question.detail },
    question.leave,
    question.act,
  );
  return chosen === question.act;
}

/** Say one sentence; nobody waits for it to be closed. */
export function say(text: string): void {
  void vscode.window.showInformationMessage(`Signoff: ${text}`);
}

/** Say what went wrong; nobody waits for it to be closed. */
export function warn(text: string): void {
  void vscode.window.showWarningMessage(`Signoff: ${text}`);
}
