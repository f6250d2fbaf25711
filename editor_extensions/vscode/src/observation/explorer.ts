import * as vscode from "vscode";

import type { ObservedWindow } from "../observed_window";

const MOST_FILES = 500;

/** Tells of files that were created, renamed or deleted in the editor, as LSP 3.17 has it. */
export function observeExplorer(window: ObservedWindow): vscode.Disposable {
  const tell = (method: `workspace/${string}`, files: readonly object[]): void => {
    if (files.length > 0) window.notify(method, { files: files.slice(0, MOST_FILES) });
  };
  return vscode.Disposable.from(
    vscode.workspace.onDidCreateFiles(({ files }) => {
      tell("workspace/didCreateFiles", files.filter(isFile).map(asNamed));
    }),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      const both = files.filter(({ oldUri, newUri }) => isFile(oldUri) && isFile(newUri));
      tell(
        "workspace/didRenameFiles",
        both.map(({ oldUri, newUri }) => ({
          oldUri: oldUri.toString(),
          newUri: newUri.toString(),
        })),
      );
    }),
    vscode.workspace.onDidDeleteFiles(({ files }) => {
      tell("workspace/didDeleteFiles", files.filter(isFile).map(asNamed));
    }),
  );
}

function isFile(uri: vscode.Uri): boolean {
  return uri.scheme === "file";
}

function asNamed(uri: vscode.Uri): object {
  return { uri: uri.toString() };
}
