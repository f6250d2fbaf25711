import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";
import { Coalescer } from "./coalescing";

const WAIT_MS = 500;

/** What is used of version 1 of the API of the built-in git extension. */
interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: { readonly onDidChange: vscode.Event<void> };
}
interface GitApi {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: vscode.Event<Repository>;
  readonly onDidCloseRepository: vscode.Event<Repository>;
}
interface GitExtension {
  getAPI(version: 1): GitApi;
}

/** Hints that a repository has changed, as the built-in git extension sees it. */
export class Repositories implements vscode.Disposable {
  private readonly changes: Coalescer<string>;
  private readonly watched = new Map<Repository, vscode.Disposable>();
  private subscriptions: vscode.Disposable | undefined;
  private isOver = false;

  constructor(private readonly window: ObservedWindow) {
    this.changes = new Coalescer(WAIT_MS, (root) => {
      if (this.window.standing.isRecording) this.window.notify(Outgoing.repository, { root });
    });
    void this.begin();
  }

  dispose(): void {
    this.isOver = true;
    this.subscriptions?.dispose();
    for (const one of this.watched.values()) one.dispose();
    this.watched.clear();
    this.changes.dispose();
  }

  private async begin(): Promise<void> {
    const git = await gitApi();
    if (git === undefined || this.isOver) return;
    for (const one of git.repositories) this.watch(one);
    this.subscriptions = vscode.Disposable.from(
      git.onDidOpenRepository((one) => {
        this.watch(one);
      }),
      git.onDidCloseRepository((one) => {
        this.watched.get(one)?.dispose();
        this.watched.delete(one);
      }),
    );
  }

  private watch(repository: Repository): void {
    if (repository.rootUri.scheme !== "file" || this.watched.has(repository)) return;
    const root = repository.rootUri.fsPath;
    const subscription = repository.state.onDidChange(() => {
      this.changes.mark(root);
    });
    this.watched.set(repository, subscription);
  }
}

/** Undefined where the git extension is missing or switched off. */
async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  try {
    return (await extension?.activate())?.getAPI(1);
  } catch {
    return undefined; // `git.enabled` is off, or there is no git: it throws
  }
}
