import * as vscode from "vscode";

const CONFIRMED_MS = 10_000;

/** A question of which one answer changes something. */
export interface Question {
  readonly text: string;
  readonly detail: string;
  /** Label of the answer that changes nothing. */
  readonly leave: string;
  /** Label of the answer that does it. */
  readonly act: string;
}

/**
 * Ask in a modal of our own before anything is enabled, deleted or sent (threat 12).
 *
 * Commands can be run by any extension, and quick picks and notifications can be answered by one;
 * a modal cannot. The harmless answer comes first, where Enter is, and is what Escape means: no
 * other button is beside it.
 *
 * @returns whether the person chose `act`
 */
export async function isWanted(question: Question): Promise<boolean> {
  return (await answerTo(question, [])) === question.act;
}

/** The same with one more answer, which shows all of it and asks again. */
export async function isWantedInDetail(
  question: Question,
  more: { readonly label: string; readonly detail: string },
): Promise<boolean> {
  const chosen = await answerTo(question, [more.label]);
  if (chosen !== more.label) return chosen === question.act;
  return isWanted({ ...question, detail: more.detail });
}

async function answerTo(
  question: Question,
  others: readonly string[],
): Promise<string | undefined> {
  const chosen = await vscode.window.showInformationMessage(
    question.text,
    { modal: true, detail: question.detail },
    { title: question.leave, isCloseAffordance: true },
    ...others.map((title) => ({ title })),
    { title: question.act },
  );
  return chosen?.title;
}

/** Say one sentence; nobody waits for it to be closed. */
export function say(text: string): void {
  void vscode.window.showInformationMessage(`Signoff: ${text}`);
}

/** Confirm in the status bar, for a while, what the person has just done: no notification. */
export function confirm(text: string): void {
  vscode.window.setStatusBarMessage(`Signoff: ${text}`, CONFIRMED_MS);
}

/** Say what went wrong; nobody waits for it to be closed. */
export function warn(text: string): void {
  void vscode.window.showWarningMessage(`Signoff: ${text}`);
}
