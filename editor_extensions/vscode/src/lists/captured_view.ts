import { basename } from "node:path";
import * as vscode from "vscode";

import { Requests } from "../lsp_messages";
import { isWanted, warn } from "../asking";
import type { Bridge } from "../bridge";
import { pathOf } from "../history/finding";
import type { OldStates } from "../history/old_states";
import { visible } from "../history/rows";
import { openOwnTerminal } from "../own_terminals";
import { asList, asRecord, asText, type BridgeStanding } from "../standing";
import { ListView, sessionsOf } from "./list_view";

const PAGE = 100;

/** One entry of `signoff/captured`: steps in a row of one kind and file. */
export interface CapturedEntry {
  readonly id: string;
  readonly session: string;
  readonly root: string;
  readonly wallMs: number;
  readonly kind: string;
  readonly count: number;
  readonly label: string;
  readonly path: string;
  /** Opaque bounds for `signoff.forget`. */
  readonly from: string;
  readonly to: string;
  /** When it began, as the program's `--at` takes it. */
  readonly at: string;
  /** Moments before and behind it, where it changed one file; empty for others. */
  readonly before: string;
  readonly after: string;
}

type Node = { readonly entry: CapturedEntry } | { readonly more: true };

const ICONS: ReadonlyMap<string, string> = new Map([
  ["looking", "eye"],
  ["files", "file-symlink-file"],
  ["agent", "hubot"],
  ["environment", "server-environment"],
  ["edit", "edit"],
  ["open", "go-to-file"],
  ["anchor", "file-text"],
  ["close", "close"],
  ["save", "save"],
  ["command", "terminal"],
  ["tests", "beaker"],
  ["git", "git-commit"],
  ["task", "target"],
  ["note", "note"],
  ["search", "search"],
  ["assist", "lightbulb"],
  ["gap", "debug-pause"],
  ["create", "new-file"],
  ["rename", "arrow-right"],
  ["delete", "trash"],
]);

/** Has no button that erases: much else lies between its first and its last moment. */
const LOOKING = "looking";

/** "Captured by Signoff": the sessions that go on here, whoever wrote them, newest first. */
export class CapturedView extends ListView<Node> {
  private shownCount = PAGE;

  constructor(private readonly bridge: Bridge) {
    super("captured", bridge);
  }

  showMore(): void {
    this.shownCount += PAGE;
    this.refresh();
  }

  /** Ask, then forget the steps of one entry of this list. */
  async delete(node: unknown): Promise<void> {
    if (!this.isOurs(node) || !("entry" in node)) return;
    const { entry } = node;
    const wanted = await isWanted({
      text: `Delete "${entry.label}"?`,
      detail: `Everything recorded in ${entry.root} between its first and its last moment is erased, whoever wrote it. Text that is still in a file stays in the file; while the file is open, recording goes on from its text as it is now.`,
      leave: "Keep it",
      act: "Delete",
    });
    if (!wanted) return;
    const { session, from, to } = entry;
    await forget(this.bridge, { session, from, to });
    this.refresh();
  }

  /** Show what an entry changed, or the moment it stands for. */
  async open(id: unknown, program: string, states: OldStates): Promise<void> {
    const found = this.nodes.find((one) => "entry" in one && one.entry.id === id);
    if (found === undefined || !("entry" in found)) return;
    const { entry } = found;
    if (entry.before === "" || entry.path === "") {
      const words = ["replay", entry.session, "--from", entry.at];
      openOwnTerminal("Signoff replay", program, words, "play");
      return;
    }
    const path = await pathOf(entry.root, entry.path);
    const isDisk = entry.kind === "files";
    const at = (moment: string): Promise<vscode.TextDocument> =>
      states.document(program, path, { session: entry.session, at: moment, time: "", isDisk });
    const none = (): Promise<vscode.TextDocument> => states.named(`nothing/${entry.path}`, "");
    const [old, now] = await Promise.all([at(entry.before).catch(none), at(entry.after)]);
    const title = `${basename(entry.path)}: ${entry.label}`;
    await vscode.commands.executeCommand("vscode.diff", old.uri, now.uri, title);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ("more" in node) return moreItem();
    const item = stepItem(node.entry);
    if (node.entry.kind !== LOOKING) {
      item.command = {
        command: "signoff.captured.open",
        title: "Show it",
        arguments: [node.entry.id],
      };
    }
    return item;
  }

  protected below(): readonly Node[] {
    return [];
  }

  protected dependsOn(standing: BridgeStanding): string {
    return `${sessionsOf(standing)} ${JSON.stringify([...standing.steps])}`;
  }

  protected async read(): Promise<readonly Node[]> {
    const entries: CapturedEntry[] = [];
    let hasMore = true;
    while (hasMore && entries.length < this.shownCount) {
      const before = entries.at(-1)?.id;
      const limit = Math.min(PAGE, this.shownCount - entries.length);
      const params = before === undefined ? { limit } : { limit, before };
      const page = asRecord(await this.bridge.request(Requests.captured, params));
      const items = asList(page["items"]).map(asRecord).map(readEntry);
      entries.push(...items);
      hasMore = page["has_more"] === true && items.length > 0;
    }
    const nodes: Node[] = entries.map((entry) => ({ entry }));
    return hasMore ? [...nodes, { more: true }] : nodes;
  }
}

/** Have the bridge erase a span, and say what could not be erased. */
export async function forget(bridge: Bridge, span: object): Promise<void> {
  try {
    const result = asRecord(await bridge.execute("forget", [span]));
    const error = asText(result["error"]);
    const waiting = asList(result["waiting"]).length;
    if (error !== "") warn(error);
    else if (waiting > 0) {
      warn(
        "another program still has some of it open; that part is erased when the program closes it.",
      );
    }
  } catch (error) {
    warn(error instanceof Error ? error.message : "nothing was erased.");
  }
}

function readEntry(fields: Readonly<Record<string, unknown>>): CapturedEntry {
  const { t_wall_ms: wallMs, count } = fields;
  return {
    id: asText(fields["id"]),
    session: asText(fields["session"]),
    root: asText(fields["root"]),
    wallMs: typeof wallMs === "number" ? wallMs : 0,
    kind: asText(fields["kind"]),
    count: typeof count === "number" ? count : 1,
    label: asText(fields["label"]),
    path: asText(fields["path"]),
    from: asText(fields["from"]),
    to: asText(fields["to"]),
    at: asText(fields["at"]),
    before: asText(fields["before"]),
    after: asText(fields["after"]),
  };
}

function stepItem(entry: CapturedEntry): vscode.TreeItem {
  const item = new vscode.TreeItem(visible(entry.label), vscode.TreeItemCollapsibleState.None);
  const time = new Date(entry.wallMs).toLocaleTimeString([], { timeStyle: "medium" });
  item.id = entry.id;
  item.contextValue = entry.kind === LOOKING ? LOOKING : "step";
  const isAmongSeveral = (vscode.workspace.workspaceFolders ?? []).length > 1;
  item.description = isAmongSeveral ? `${time} ${basename(entry.root)}` : time;
  const counted = entry.count === 1 ? "1 step" : `${entry.count} steps`;
  item.tooltip = [`${entry.kind}, ${counted}, ${time}`, entry.path, entry.root]
    .filter((line) => line !== "")
    .join("\n");
  item.iconPath = new vscode.ThemeIcon(ICONS.get(entry.kind) ?? "circle-small");
  return item;
}

function moreItem(): vscode.TreeItem {
  const item = new vscode.TreeItem("Show older steps", vscode.TreeItemCollapsibleState.None);
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.command = { command: "signoff.captured.more", title: "Show older steps" };
  return item;
}
