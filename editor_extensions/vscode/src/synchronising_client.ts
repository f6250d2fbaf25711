import { type ChildProcessByStdio, spawn } from "node:child_process";
import { homedir } from "node:os";
import type { Readable, Writable } from "node:stream";
import type { OutputChannel } from "vscode";
import {
  CloseAction,
  type DynamicFeature,
  ErrorAction,
  LanguageClient,
  type Message,
  type MessageTransports,
  RevealOutputChannelOn,
  type StaticFeature,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageclient/node";

const SYNCHRONISED: ReadonlySet<string> = new Set([
  "textDocument/didOpen",
  "textDocument/didChange",
  "textDocument/didSave",
  "textDocument/didClose",
  "workspace/didChangeWorkspaceFolders", // and the folders of `initialize`
]);

/**
 * A language client that only tells of documents.
 *
 * Every other standard feature is left out: nothing is announced that costs something or could
 * interfere (completion, formatting), the server cannot ask for settings, and the names of its
 * commands do not become VS Code commands that any extension could run (threat 12).
 */
export class SynchronisingClient extends LanguageClient {
  private readonly process: BridgeProcess;

  /** @param lost called when the connection has ended without `stop` */
  constructor(program: string, lost: () => void) {
    const process = new BridgeProcess(program);
    super("signoff", "Signoff", () => process.start(), {
      documentSelector: [{ scheme: "file" }],
      initializationOptions: { notices: true }, // the status item shows them
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
    });
    this.process = process;
  }

  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ("registrationType" in feature && SYNCHRONISED.has(feature.registrationType.method)) {
      super.registerFeature(feature);
    }
  }

  override start(): Promise<void> {
    const started = super.start();
    // When the server ends at once, the library lets go of this promise before it rejects it.
    (Reflect.get(this, "_onStart") as Promise<void> | undefined)?.catch(nothing);
    return started;
  }

  /** End server and process; never rejects. */
  override async stop(timeoutMs?: number): Promise<void> {
    await super.stop(timeoutMs).catch(nothing); // the library refuses while it starts
    this.process.end();
  }

  /** Say nothing: the bridge of this window says what went wrong, once and in its own words. */
  override error(): void {
    return undefined;
  }
}

/** The process `signoff lsp`. */
class BridgeProcess {
  private child: ChildProcessByStdio<Writable, Readable, null> | undefined;

  constructor(private readonly program: string) {}

  start(): Promise<MessageTransports> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, ["lsp"], {
        cwd: homedir(),
        stdio: ["pipe", "pipe", "ignore"],
        windowsHide: true,
      });
      this.child = child;
      child.once("error", reject);
      child.once("spawn", () => {
        resolve({
          reader: new StreamMessageReader(child.stdout),
          writer: new QuietWriter(child.stdin),
        });
      });
    });
  }

  /** End what has not ended by itself; the bridge takes the end of its input and a signal alike. */
  end(): void {
    this.child?.stdin.destroy();
    this.child?.kill();
  }
}

/** A writer whose broken pipe is told by the end of the connection alone. */
class QuietWriter extends StreamMessageWriter {
  override write(message: Message): Promise<void> {
    return super.write(message).catch(nothing);
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
