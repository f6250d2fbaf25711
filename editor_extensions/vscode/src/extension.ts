import type * as vscode from "vscode";

/** Called by VS Code once, after its start. */
export function activate(_context: vscode.ExtensionContext): void {
  return undefined;
}
