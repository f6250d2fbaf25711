import * as vscode from "vscode";

import { warn } from "./asking";
import { diskFolders } from "./folders";
import type { Program } from "./program";
import type { BridgeStanding } from "./standing";
import { runVerb } from "./verbs";

const SCHEME = "signoff-status";
const URI = vscode.Uri.parse(`${SCHEME}:What is recorded`);

/** "What is recorded": what `signoff status` says of each folder, as a page that is not a file. */
export class StandingPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = "";
  /** What the last standing said of the folders of this window. */
  private known = "";
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
    if (!(await this.read(program))) return;
    const document = await vscode.workspace.openTextDocument(URI);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Keep an open page true: what is recorded has changed. */
  follow(standing: BridgeStanding, find: () => Promise<Program>): void {
    const known = standing.workspaces.map((one) => `${one.root} ${one.state}`).join("\n");
    if (known === this.known) return;
    this.known = known;
    const isOpen = vscode.workspace.textDocuments.some((one) => one.uri.scheme === SCHEME);
    if (isOpen)
      find().then(
        ({ path }) => this.read(path),
        () => undefined,
      );
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private async read(program: string): Promise<boolean> {
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
      return false;
    }
    this.text = answers.map((answer) => answer.output.trimEnd()).join("\n\n") + "\n";
    this.changed.fire(URI);
    return true;
  }
}
