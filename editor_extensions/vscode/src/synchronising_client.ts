import { homedir } from "node:os";
import type { OutputChannel } from "vscode";
import {
  CloseAction,
  type DynamicFeature,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type StaticFeature,
} from "vscode-languageclient/node";

const SYNCHRONISED: ReadonlySet<string> = new Set([
  "textDocument/didOpen",
  "textDocument/didChange",
  "textDocument/didSave",
  "textDocument/didClose",
]);

/**
 * A language client that only tells of documents.
 *
 * Every other standard feature is left out: nothing is announced that costs something or could
 * interfere (completion, formatting), the server cannot ask for settings, and the names of its
 * commands do not become VS Code commands that any extension could run (THREATS 12).
 */
export class SynchronisingClient extends LanguageClient {
  /** @param lost called when the connection has ended without `stop` */
  constructor(program: string, lost: () => void) {
    super(
      "signoff",
      "Signoff",
      { command: program, args: ["lsp"], options: { cwd: homedir() } },
      {
        documentSelector: [{ scheme: "file" }],
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            queueMicrotask(lost);
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
        initializationFailedHandler: () => false,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // What is written to a channel lands in log files, and `signoff.trace.server` in a
        // workspace's settings would write down everything that is typed.
        outputChannel: SILENT,
        traceOutputChannel: SILENT,
      },
    );
  }

  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ("registrationType" in feature && SYNCHRONISED.has(feature.registrationType.method)) {
      super.registerFeature(feature);
    }
  }

  /** Say nothing: the bridge of this window says what went wrong, once and in its own words. */
  override error(): void {
    return undefined;
  }
}

const nothing = (): void => undefined;

const SILENT: OutputChannel = {
  name: "Signoff",
  append: nothing,
  appendLine: nothing,
  replace: nothing,
  clear: nothing,
  show: nothing,
  hide: nothing,
  dispose: nothing,
};
