import { basename } from "node:path";
import * as vscode from "vscode";

import { isWanted } from "../asking";
import {
  detailOf,
  type EpisodeRow,
  readListing,
  type SessionRow,
  stateOf,
  titleOf,
} from "../episodes";
import type { Program } from "../program";
import { canBeReviewed, openSession, type Show } from "../reviewing";
import { send, takeBack } from "../sharing";
import type { BridgeStanding } from "../standing";
import { runVerb } from "../verbs";
import { ListView, type News, sessionsOf } from "./list_view";

interface SessionNode {
  readonly session: SessionRow;
  /** What was made of it. */
  readonly made: readonly EpisodeRow[];
  /** What was signed of it. */
  readonly signed: readonly EpisodeNode[];
}
interface EpisodeNode {
  readonly episode: EpisodeRow;
}
type Node = SessionNode | EpisodeNode;

const ICONS: ReadonlyMap<string, string> = new Map([
  ["recording", "record"],
  ["signed", "verified"],
  ["sent", "cloud"],
  ["withdrawn", "discard"],
]);

/** "Reviews": the sessions of this machine, newest first, and what was signed of each. */
export class ReviewsView extends ListView<Node> {
  /** @param reviewing told of the workspace before anything of it is sealed */
  constructor(
    private readonly find: () => Promise<Program>,
    private readonly showReview: Show,
    private readonly reviewing: (root: string) => void,
    news: News,
  ) {
    super("reviews", news);
  }

  /** Show the review of a session that is listed; one that goes on is ended first, if wanted. */
  async open(id: unknown): Promise<void> {
    const found = this.nodes.find((one) => "session" in one && one.session.id === id);
    if (found === undefined || !("session" in found)) return;
    const { session } = found;
    if (session.state === "live" && !(await isEndWanted(session))) return;
    this.reviewing(session.root);
    await openSession((await this.find()).path, session, this.showReview);
    this.refresh();
  }

  /** Send an episode of this list, after a question. */
  async send(node: unknown): Promise<void> {
    if (!this.isOurs(node) || !("episode" in node)) return;
    await send((await this.find()).path, node.episode);
    this.refresh();
  }

  /** Take an episode of this list back, after a question. */
  async takeBack(node: unknown): Promise<void> {
    if (!this.isOurs(node) || !("episode" in node)) return;
    await takeBack((await this.find()).path, node.episode);
    this.refresh();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return "session" in node ? sessionItem(node) : episodeItem(node.episode);
  }

  protected async read(): Promise<readonly Node[]> {
    const listed = await runVerb((await this.find()).path, ["list", "--json"]);
    if (listed.code !== 0) throw new Error(listed.complaint);
    const { sessions, episodes } = readListing(listed);
    const newest = sessions.filter(canBeReviewed).reverse();
    return newest.map((session) => sessionNode(session, episodes));
  }

  protected below(parent: Node): readonly Node[] {
    return "session" in parent ? parent.signed : [];
  }

  protected dependsOn(standing: BridgeStanding): string {
    return `${sessionsOf(standing)} ${standing.listed}`;
  }
}

function sessionNode(session: SessionRow, episodes: readonly EpisodeRow[]): SessionNode {
  const made = episodes.filter((one) => one.session === session.id);
  const signed = made.filter((one) => one.isSigned || one.isWithdrawn);
  return { session, made, signed: signed.map((episode) => ({ episode })) };
}

function sessionItem({ session, made, signed }: SessionNode): vscode.TreeItem {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  const hasSigned = signed.length > 0;
  const item = new vscode.TreeItem(titleOf(session), hasSigned ? Expanded : None);
  const state = stateOf(session, made);
  item.id = hasSigned ? `${session.id} signed` : session.id; // else it would stay folded
  item.description = detailOf(session, made);
  const does = state === "recording" ? "Review it\u2026 (this ends the session)" : "Review it";
  item.tooltip = [titleOf(session), item.description, session.root, does].join("\n");
  item.iconPath = new vscode.ThemeIcon(ICONS.get(state) ?? "checklist");
  item.command = {
    command: "signoff.reviews.open",
    title: does,
    arguments: [session.id],
  };
  return item;
}

function isEndWanted(session: SessionRow): Promise<boolean> {
  return isWanted({
    text: `End the session in ${basename(session.root)} and review it?`,
    detail: `${session.root} is being recorded. A review is of a session that has ended; your next change begins a new one.`,
    leave: "Go on recording",
    act: "End and review",
  });
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
