import { homedir } from "node:os";
import * as vscode from "vscode";

import { warn } from "./asking";
import { Bridge } from "./bridge";
import { registerCommands } from "./commands";
import { diskFolders } from "./folders";
import { OldStates } from "./history/old_states";
import { offerOnce, showWalkthrough } from "./installing";
import { CapturedView } from "./lists/captured_view";
import { showViews } from "./lists/list_view";
import { ReviewsView } from "./lists/reviews_view";
import { TodayView } from "./lists/today_view";
import { Outgoing } from "./lsp_messages";
import { findProgram, type Program } from "./program";
import { inPanel, reviewWorkspace } from "./reviewing";
import { StandingPage } from "./standing_page";
import { StatusItem } from "./status_item";

const WELCOMED = "wasWelcomed";
/** Whether something of this window's folders was recorded when it was last known. */
const WAS_RECORDED = "wasRecorded";
const IS_RECORDING = "signoff.isRecording";
/** The program was not found: the walkthrough has one step more. */
const IS_MISSING = "signoff.isMissing";

let running: Bridge | undefined;

/**
 * Called by VS Code once, after its start. It offers no interface to other extensions.
 *
 * The bridge is started behind it, when the first file is open, or at once where this window was
 * recorded before, so that the status is true; the language client is loaded then.
 */
export function activate(context: vscode.ExtensionContext): void {
  const find = (): Promise<Program> => findHere(context);
  const bridge = new Bridge(context, find);
  running = bridge;
  const item = new StatusItem("signoff.menu");
  const captured = new CapturedView(bridge);
  const page = new StandingPage();
  const states = new OldStates();
  const today = new TodayView(find, states, bridge);
  const showReview = inPanel(() => {
    reviews.refresh();
  });
  const reviewing = (root: string): void => {
    bridge.notify(Outgoing.reviewing, { root });
  };
  const reviews: ReviewsView = new ReviewsView(find, showReview, reviewing, bridge);
  context.subscriptions.push(
    bridge,
    item,
    captured,
    page,
    states,
    today,
    reviews,
    ...registerCommands({
      bridge,
      captured,
      today,
      reviews,
      show: showReview,
      reviewing,
      page,
      states,
      find,
    }),
    bridge.onDidChange(() => {
      show(context, bridge, item);
      page.follow(bridge.standing, find);
    }),
    bridge.onDidAskForReview((root) => {
      find()
        .then((program) => reviewWorkspace(program.path, root, showReview))
        .catch((error: unknown) => {
          warn(error instanceof Error ? error.message : String(error));
        });
    }),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (document.uri.scheme === "file") void bridge.start();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (bridge.life.kind === "failed") void bridge.restart();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("signoff.path")) void bridge.restart();
    }),
  );
  item.show(bridge.life, bridge.standing);
  const wasRecorded = context.workspaceState.get(WAS_RECORDED) === true;
  if (wasRecorded || vscode.workspace.textDocuments.some((one) => one.uri.scheme === "file")) {
    setImmediate(() => void bridge.start());
  }
  void welcome(context);
}

/** Called by VS Code when the window closes or the extension is switched off or taken away. */
export function deactivate(): Promise<void> | undefined {
  return running?.stop();
}

function findHere(context: vscode.ExtensionContext): Promise<Program> {
  const { version } = context.extension.packageJSON as { version: string };
  const places = {
    setting: vscode.workspace.getConfiguration("signoff").get<string>("path", "").trim(),
    launcherFile: vscode.Uri.joinPath(context.extensionUri, "launcher.json").fsPath,
    environment: process.env,
    home: homedir(),
    folders: diskFolders().map((one) => one.uri.fsPath),
    isTrusted: vscode.workspace.isTrusted,
  };
  return findProgram(places, version);
}

function show(context: vscode.ExtensionContext, bridge: Bridge, item: StatusItem): void {
  item.show(bridge.life, bridge.standing);
  const isMissing = bridge.life.kind === "failed" && bridge.life.isMissing;
  void vscode.commands.executeCommand("setContext", IS_RECORDING, bridge.standing.isRecording);
  void vscode.commands.executeCommand("setContext", IS_MISSING, isMissing);
  if (bridge.standing.workspaces.length > 0) void showViews();
  if (isMissing) void offerOnce(context);
  if (bridge.life.kind === "running" && bridge.standing.version !== "") {
    const isKnown = bridge.standing.workspaces.length > 0;
    const was = context.workspaceState.get(WAS_RECORDED) === true;
    if (isKnown !== was) void context.workspaceState.update(WAS_RECORDED, isKnown);
  }
}

/** Open the first steps once, unless the person switched walkthroughs after an install off. */
async function welcome(context: vscode.ExtensionContext): Promise<void> {
  if (context.globalState.get(WELCOMED) === true) return;
  await context.globalState.update(WELCOMED, true);
  const settings = vscode.workspace.getConfiguration("workbench.welcomePage.walkthroughs");
  if (settings.get<boolean>("openOnInstall", true)) await showWalkthrough();
}
