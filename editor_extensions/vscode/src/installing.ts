import * as vscode from "vscode";

const TOLD = "toldThatProgramIsMissing";
const HOW = "How to install";
const CHOOSE = "Choose the program\u2026";
const NOT_NOW = "Not now";

/** Offer help with a program that was not found, once on this machine. */
export async function offerOnce(context: vscode.ExtensionContext): Promise<void> {
  if (context.globalState.get(TOLD) === true) return;
  await context.globalState.update(TOLD, true);
  await offer();
}

/** Offer help with a program that was not found. */
export async function offer(): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(
    "Signoff: the program `signoff` was not found on this machine, so nothing can be recorded.",
    NOT_NOW,
    HOW,
    CHOOSE,
  );
  if (chosen === HOW) await showWalkthrough("install");
  else if (chosen === CHOOSE) await chooseProgram();
}

async function chooseProgram(): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({ title: "The program signoff", canSelectMany: false })) ??
    [];
  if (file?.scheme !== "file") return;
  await vscode.workspace
    .getConfiguration("signoff")
    .update("path", file.fsPath, vscode.ConfigurationTarget.Global);
}

/** Open the first steps, at one of them. */
export async function showWalkthrough(step?: string): Promise<void> {
  const category = "signoff.signoff-vscode#firstSteps";
  const at = step === undefined ? category : { category, step };
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", at, false);
}
