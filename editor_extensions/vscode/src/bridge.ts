import * as vscode from "vscode";

import { Incoming, Outgoing } from "./lsp_messages";
import { warn } from "./asking";
import type { ObservedWindow } from "./observed_window";
import { observe } from "./observation";
import type { Program } from "./program";
import { ProgramError } from "./program";
import { type BridgeStanding, readStanding, UNKNOWN_STANDING } from "./standing";
import type { SynchronisingClient } from "./synchronising_client";

const MOST_RESTARTS = 5;
const RESTARTS_FORGOTTEN_AFTER_MS = 3_600_000;
const STOP_LIMIT_MS = 5_000;

/** Where the bridge is in its life. */
export type BridgeLife =
  | { readonly kind: "resting" }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly fact: string; readonly isMissing: boolean };

/** The bridge process of this window: started late, started again at most five times an hour. */
export class Bridge implements vscode.Disposable {
  private current: BridgeLife = { kind: "resting" };
  private said: BridgeStanding = UNKNOWN_STANDING;
  private client: SynchronisingClient | undefined;
  private observation: vscode.Disposable | undefined;
  private starting: Promise<void> | undefined;
  private restartsMs: number[] = [];
  private isDisposed = false;
  /** Goes up whenever what was begun is given up. */
  private turn = 0;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly looked = new vscode.EventEmitter<string>();
  private readonly standingChanged = new vscode.EventEmitter<BridgeStanding>();

  /** Fires when `life` or `standing` has changed. */
  readonly onDidChange = this.changed.event;
  /** Fires with the root of a workspace when the person answered a question with "Look". */
  readonly onDidAskForReview = this.looked.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly find: () => Promise<Program>,
  ) {}

  get life(): BridgeLife {
    return this.current;
  }

  get standing(): BridgeStanding {
    return this.said;
  }

  /** Start the bridge unless it runs or has failed; never rejects. */
  start(): Promise<void> {
    if (this.current.kind === "resting" && !this.isDisposed) this.starting = this.launch();
    return this.starting ?? Promise.resolve();
  }

  /** Stop what runs and start again, with the count of restarts set back; never rejects. */
  async restart(): Promise<void> {
    this.restartsMs = [];
    await this.end();
    this.current = { kind: "resting" };
    await this.start();
  }

  /**
   * Send a request.
   *
   * @throws Error when the bridge does not run or answers with an error
   */
  async request(method: string, params: object): Promise<unknown> {
    if (this.client === undefined || this.current.kind !== "running") {
      throw new Error("the recorder is not running in this window");
    }
    return this.client.sendRequest<unknown>(method, params);
  }

  /** Send a notification; never throws, and does nothing while no bridge runs. */
  notify(method: string, params: object): void {
    if (this.current.kind !== "running") return;
    this.client?.sendNotification(method, params).catch(() => undefined);
  }

  /** Run a command of the bridge (`signoff.NAME`); errors as `request`. */
  execute(name: string, words: readonly unknown[] = []): Promise<unknown> {
    return this.request("workspace/executeCommand", {
      command: `signoff.${name}`,
      arguments: words,
    });
  }

  /** Take over an answer that is a status. */
  take(status: unknown): void {
    this.said = readStanding(status);
    this.standingChanged.fire(this.said);
    this.changed.fire();
  }

  /** Stop the bridge for good. */
  async stop(): Promise<void> {
    this.isDisposed = true;
    await this.end();
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
    this.looked.dispose();
    this.standingChanged.dispose();
  }

  private async launch(): Promise<void> {
    const turn = ++this.turn;
    this.move({ kind: "starting" });
    try {
      const program = await this.find();
      const { SynchronisingClient } = await import("./synchronising_client");
      if (this.turn !== turn) return;
      const client = new SynchronisingClient(program.path, () => {
        this.lost(turn);
      });
      client.onNotification(Incoming.state, (status: unknown) => {
        this.take(status);
      });
      client.onNotification(Incoming.review, (params: { root?: unknown }) => {
        if (typeof params.root === "string") this.looked.fire(params.root);
      });
      this.client = client;
      await client.start();
      if (this.turn !== turn) return; // it was lost, or stopped, meanwhile
      await client.sendNotification(Outgoing.hello, this.hello());
      this.move({ kind: "running" });
      this.observation = observe(this.observedWindow(client));
    } catch (error) {
      if (error instanceof ProgramError && this.turn === turn) this.refused(error);
      else this.lost(turn);
    }
  }

  private hello(): object {
    const { version } = this.context.extension.packageJSON as { version: string };
    return { name: "vscode", version, protocol: 1, anchors: true, reviews: true, counts: true };
  }

  private refused(error: ProgramError): void {
    const isMissing = error.reason === "missing";
    this.move({ kind: "failed", fact: error.message, isMissing });
    if (!isMissing) warn(error.message);
  }

  /** What was begun in this turn has ended, or never began, without our doing. */
  private lost(turn: number): void {
    if (this.turn !== turn) return;
    void this.end();
    this.startAgain();
  }

  private startAgain(): void {
    const nowMs = Date.now();
    this.restartsMs = this.restartsMs.filter((at) => nowMs - at < RESTARTS_FORGOTTEN_AFTER_MS);
    if (this.restartsMs.length >= MOST_RESTARTS) {
      const fact = `The recorder ended ${MOST_RESTARTS + 1} times and is not started again. Nothing is recorded in this window.`;
      this.move({ kind: "failed", fact, isMissing: false });
      warn(`${fact} "signoff doctor" says more; "Restart the recorder" tries once more.`);
      return;
    }
    this.restartsMs.push(nowMs);
    this.starting = this.launch();
  }

  /** Give up what was begun, and end its process. */
  private async end(): Promise<void> {
    const client = this.client;
    this.turn += 1;
    this.client = undefined;
    this.said = UNKNOWN_STANDING;
    this.observation?.dispose();
    this.observation = undefined;
    if (client !== undefined) await client.dispose(STOP_LIMIT_MS).catch(() => undefined);
  }

  private move(life: BridgeLife): void {
    this.current = life;
    if (!this.isDisposed) this.changed.fire();
  }

  private observedWindow(client: SynchronisingClient): ObservedWindow {
    const standing = (): BridgeStanding => this.said;
    return {
      notify: (method, params) => {
        if (this.client === client) client.sendNotification(method, params).catch(() => undefined);
      },
      request: (method, params) => this.request(method, params),
      onNotification: (method, handler) => client.onNotification(method, handler),
      get standing() {
        return standing();
      },
      onDidChangeStanding: this.standingChanged.event,
      context: this.context,
      isTold: (document) => document.uri.scheme === "file",
    };
  }
}
