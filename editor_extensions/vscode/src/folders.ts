import * as vscode from "vscode";

/** Folders of this window that lie on a disk. */
export function diskFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((one) => one.uri.scheme === "file");
}

/**
 * Say which folder is meant: of the active file, else the only one, else the person is asked.
 *
 * @returns an absolute path of a folder, or of the active file where no folder is open
 */
export async function chosenFolder(): Promise<string | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri;
  const file = active?.scheme === "file" ? active : undefined;
  const of = file === undefined ? undefined : vscode.workspace.getWorkspaceFolder(file);
  if (of !== undefined) return of.uri.fsPath;
  const folders = diskFolders();
  if (folders.length === 0) return file?.fsPath;
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  const picked = await vscode.window.showQuickPick(
    folders.map((one) => ({ label: one.name, description: one.uri.fsPath })),
    { title: "Signoff: which folder?" },
  );
  return picked?.description;
}
