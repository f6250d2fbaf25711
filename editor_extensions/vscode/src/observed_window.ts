import type * as vscode from "vscode";

import type { Incoming, Outgoing, Requests } from "./lsp_messages";
import type { BridgeStanding } from "./standing";

/**
 * What observation is given: a way to the bridge, and the window it looks at.
 *
 * It is made anew after each start of the bridge, once `initialized` and `signoff/hello` are sent,
 * and disposed of when the bridge ends. Notifications leave in the order of the calls, after the
 * `didOpen` and `didChange` of events that came before.
 */
export interface ObservedWindow {
  /** Send one notification; never throws, and does nothing once the bridge is gone. */
  notify(method: Outgoing | `workspace/${string}`, params: object): void;
  /** Send one request; rejects when the bridge is gone or answers with an error. */
  request(method: Requests, params: object): Promise<unknown>;
  /** Register for a notification of the bridge, such as `signoff/anchor`. */
  onNotification(method: Incoming, handler: (params: unknown) => void): vscode.Disposable;
  /** What the bridge last said of itself. */
  readonly standing: BridgeStanding;
  /** Fires when `standing` has changed. */
  readonly onDidChangeStanding: vscode.Event<BridgeStanding>;
  /** For the environment variable collection of this extension, and memory. */
  readonly context: vscode.ExtensionContext;
  /** Whether the bridge is told of this document: scheme `file`, and it was opened. */
  isTold(document: vscode.TextDocument): boolean;
}
