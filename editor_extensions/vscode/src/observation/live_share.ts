import * as vscode from "vscode";

import { Outgoing } from "../lsp_messages";
import type { ObservedWindow } from "../observed_window";

const EXTENSION = "ms-vsliveshare.vsliveshare";
/** The release of the API whose shape is used here. */
const API_VERSION = "1.0.4753";

interface Session {
  /** Null outside of a session. */
  readonly id: string | null;
}
interface LiveShare {
  readonly session: Session;
  readonly onDidChangeSession: vscode.Event<{ readonly session: Session }>;
}
interface LiveShareExtension {
  getApi(version: string): LiveShare | null | Promise<LiveShare | null>;
}

/** Tells whether this window is shared with somebody, so that recording pauses (threat 25). */
export class LiveShareWatch implements vscode.Disposable {
  private subscription: vscode.Disposable | undefined;
  private isOver = false;

  constructor(private readonly window: ObservedWindow) {
    void this.begin();
  }

  dispose(): void {
    this.isOver = true;
    this.subscription?.dispose();
  }

  private async begin(): Promise<void> {
    const shared = await liveShare();
    if (shared === undefined || this.isOver) return;
    if (isShared(shared.session)) this.tell(true);
    this.subscription = shared.onDidChangeSession(({ session }) => {
      this.tell(isShared(session));
    });
  }

  private tell(isActive: boolean): void {
    this.window.notify(Outgoing.shared, { active: isActive });
  }
}

function isShared(session: Session): boolean {
  return session.id !== null && session.id !== "";
}

/** Undefined where Live Share is not installed or gives nothing away. */
async function liveShare(): Promise<LiveShare | undefined> {
  const extension = vscode.extensions.getExtension<LiveShareExtension>(EXTENSION);
  try {
    const exported = await extension?.activate();
    return (await exported?.getApi(API_VERSION)) ?? undefined;
  } catch {
    return undefined;
  }
}
