import * as vscode from "vscode";

import { warn } from "./asking";
import { diskFolders } from "./folders";
import { runVerb } from "./verbs";

const SCHEME = "signoff-status";

/** "What is recorded": what `signoff status` says of each folder, as a page that is not a file. */
export class StandingPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = "";
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;

  readonly onDidChange = this.changed.event;

  constructor() {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** Ask the program anew and show its answer. */
  async show(program: string): Promise<void> {
    const active = vscode.window.activeTextEditor?.document.uri;
    const folders = diskFolders().map((one) => one.uri.fsPath);
    const paths = folders.length === 0 && active?.scheme === "file" ? [active.fsPath] : folders;
    const answers = await Promise.all(
      (paths.length === 0 ? [[]] : paths.map((path) => [path])).map((words) =>
        runVerb(program, ["status", ...words]),
      ),
    );
    const failed = answers.find((answer) => answer.output === "");
    if (failed !== undefined) {
      warn(failed.complaint);
      return;
    }
    this.text = answers.map((answer) => answer.output.trimEnd()).join("\n\n") + "\n";
    const uri = vscode.Uri.parse(`${SCHEME}:What is recorded`);
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
