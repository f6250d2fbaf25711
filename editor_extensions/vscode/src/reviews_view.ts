import { basename } from "node:path";
import * as vscode from "vscode";

import {
  detailOf,
  type EpisodeRow,
  readListing,
  type SessionRow,
  stateOf,
  titleOf,
} from "./episodes";
import type { Program } from "./program";
import { canBeReviewed, openSession, type Show } from "./reviewing";
import { send, takeBack } from "./sharing";
import { runVerb } from "./verbs";

type Node = { readonly session: SessionRow } | { readonly episode: EpisodeRow };

const IS_SHOWN = "signoff.viewsAreShown";
const ICONS: ReadonlyMap<string, string> = new Map([
  ["recording", "record"],
  ["signed", "verified"],
  ["sent", "cloud"],
  ["withdrawn", "discard"],
]);

/** "Reviews": the sessions of this machine, newest first, and what was signed of each. */
export class ReviewsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly registrations: vscode.Disposable[];
  private sessions: readonly SessionRow[] = [];
  private episodes: readonly EpisodeRow[] = [];
  /** The nodes that are shown. Only these are acted on: a command may come from anybody. */
  private nodes: Node[] = [];

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly find: () => Promise<Program>,
    private readonly show: Show,
  ) {
    const view = vscode.window.createTreeView("signoff.reviews", { treeDataProvider: this });
    this.registrations = [
      view,
      this.changed,
      view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.refresh();
      }),
    ];
  }

  /** Put our views into the activity bar and go to this one. */
  async goTo(): Promise<void> {
    await vscode.commands.executeCommand("setContext", IS_SHOWN, true);
    await vscode.commands.executeCommand("signoff.reviews.focus");
    this.refresh();
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  /** Show the review of a session that is listed. */
  async open(id: unknown): Promise<void> {
    const session = this.sessions.find((one) => one.id === id);
    if (session === undefined) return;
    await openSession((await this.find()).path, session, this.show);
    this.refresh();
  }

  /** Send an episode that is listed, after a question. */
  async send(node: unknown): Promise<void> {
    const found = this.nodes.find((one) => one === node);
    if (found === undefined || !("episode" in found)) return;
    await send((await this.find()).path, found.episode);
    this.refresh();
  }

  /** Take an episode that is listed back, after a question. */
  async takeBack(node: unknown): Promise<void> {
    const found = this.nodes.find((one) => one === node);
    if (found === undefined || !("episode" in found)) return;
    await takeBack((await this.find()).path, found.episode);
    this.refresh();
  }

  async getChildren(parent?: Node): Promise<Node[]> {
    if (parent !== undefined) return "session" in parent ? this.signedOf(parent.session) : [];
    const listed = readListing(await runVerb((await this.find()).path, ["list", "--json"]));
    this.sessions = listed.sessions.filter(canBeReviewed).reverse();
    this.episodes = listed.episodes;
    this.nodes = this.sessions.map((session) => ({ session }));
    return [...this.nodes];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return "session" in node ? this.sessionItem(node.session) : episodeItem(node.episode);
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
  }

  private signedOf(session: SessionRow): Node[] {
    const own = this.episodes.filter(
      (one) => one.session === session.id && (one.isSigned || one.isWithdrawn),
    );
    const nodes = own.map((episode) => ({ episode }));
    this.nodes.push(...nodes);
    return nodes;
  }

  private sessionItem(session: SessionRow): vscode.TreeItem {
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const hasSigned = this.episodes.some(
      (one) => one.session === session.id && (one.isSigned || one.isWithdrawn),
    );
    const item = new vscode.TreeItem(titleOf(session), hasSigned ? Expanded : None);
    const state = stateOf(session, this.episodes);
    item.id = hasSigned ? `${session.id} signed` : session.id; // else it would stay folded
    item.description = detailOf(session, this.episodes);
    item.tooltip = [titleOf(session), item.description, session.root].join("\n");
    item.iconPath = new vscode.ThemeIcon(ICONS.get(state) ?? "checklist");
    const isLive = state === "recording";
    item.command = {
      command: "signoff.reviews.open",
      title: isLive ? "Review it, which ends it" : "Review it",
      arguments: [session.id],
    };
    return item;
  }
}

function episodeItem(episode: EpisodeRow): vscode.TreeItem {
  const item = new vscode.TreeItem(whereTo(episode), vscode.TreeItemCollapsibleState.None);
  item.description = `${episode.id.slice(0, 8)} ${basename(episode.root)}`;
  item.contextValue = episode.isWithdrawn
    ? "withdrawn"
    : episode.uploaded.length > 0
      ? "sent"
      : "signed";
  item.iconPath = new vscode.ThemeIcon(ICONS.get(item.contextValue) ?? "verified");
  return item;
}

function whereTo({ audiences, uploaded, isWithdrawn }: EpisodeRow): string {
  if (isWithdrawn) return "withdrawn";
  return uploaded.length > 0
    ? `sent to ${uploaded.join(", ")}`
    : `signed for ${audiences.join(", ")}, not sent`;
}
