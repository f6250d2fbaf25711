import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";

import { runVerb } from "../verbs";
import type { Moment } from "./rows";

export const OLD_STATE_SCHEME = "signoff-history";

/**
 * Old states of files as read-only documents that are no files: the bridge is told only of files,
 * so none of them is recorded. Each is forgotten when its document is closed.
 */
export class OldStates implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registrations: readonly vscode.Disposable[];

  readonly onDidChange = this.changed.event;

  constructor() {
    this.registrations = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(OLD_STATE_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === OLD_STATE_SCHEME) this.texts.delete(uri.toString());
      }),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /**
   * Return the document of a file as it was.
   *
   * @param path absolute path of the file, which need not be there any more
   * @param encoding of the file where it is open
   * @throws Error when there is no such state, or it is no text
   */
  async document(
    program: string,
    path: string,
    moment: Moment,
    encoding?: string,
  ): Promise<vscode.TextDocument> {
    const bytes = await fetchBytes(program, path, moment);
    const text =
      encoding === undefined
        ? await vscode.workspace.decode(bytes, { uri: vscode.Uri.file(path) })
        : await vscode.workspace.decode(bytes, { encoding });
    const query = `${moment.session} ${moment.at}${moment.isDisk ? " disk" : ""}`;
    return this.show(vscode.Uri.file(path).with({ scheme: OLD_STATE_SCHEME, query }), text);
  }

  /** Return a document with this name and text. */
  named(name: string, text: string): Promise<vscode.TextDocument> {
    return this.show(vscode.Uri.parse(`${OLD_STATE_SCHEME}:/${name}`), text);
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
    this.texts.clear();
  }

  private async show(uri: vscode.Uri, text: string): Promise<vscode.TextDocument> {
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return vscode.workspace.openTextDocument(uri);
  }
}

/** Get the bytes of a file at a moment; they are on disk only in a private folder, until read. */
async function fetchBytes(program: string, path: string, moment: Moment): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "signoff-"));
  try {
    const target = join(folder, "state");
    const at = ["--session", moment.session, "--at", moment.at, "--to", target];
    const disk = moment.isDisk ? ["--disk"] : [];
    const done = await runVerb(program, ["restore", ...at, ...disk, "--", path]);
    if (done.code !== 0) throw new Error(done.complaint);
    return await readFile(target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
