import { basename } from "node:path";
import { stat } from "node:fs/promises";
import * as vscode from "vscode";

import { lasted } from "../lasting";
import { openOwnTerminal } from "../own_terminals";
import type { Program } from "../program";
import { asList, asRecord, asText } from "../standing";
import { runVerb } from "../verbs";
import { pathOf } from "./finding";
import type { OldStates } from "./old_states";
import { clockTime, visible } from "./rows";

const IS_SHOWN = "signoff.viewsAreShown";

/** One line of today: a moment, in a file where it has one. */
export interface Moment {
  readonly label: string;
  readonly detail: string;
  readonly icon: string;
  readonly root: string;
  readonly session: string;
  /** What `--at` and `--from` take. */
  readonly at: string;
  /** Relative to `root`; empty for what happened in no file. */
  readonly path: string;
}

/** Moments of one kind, or of one workspace. */
export interface Group {
  readonly label: string;
  readonly icon: string;
  readonly detail: string;
  readonly children: readonly (Group | Moment)[];
}

type Node = Group | Moment;

/** "Today": what `signoff today` tells, as a tree whose lines show the difference or replay. */
export class TodayView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly view: vscode.TreeView<Node>;
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly registrations: vscode.Disposable[];
  private day: readonly Node[] = [];

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly find: () => Promise<Program>,
    private readonly states: OldStates,
  ) {
    this.view = vscode.window.createTreeView("signoff.today", {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.registrations = [
      this.view,
      this.changed,
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.refresh();
      }),
    ];
  }

  /** Go to the view; it reads the day anew. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand("setContext", IS_SHOWN, true);
    await vscode.commands.executeCommand("signoff.today.focus");
    this.refresh();
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  /** Show what a file was at a moment against what it is, or replay the moment. */
  async open(moment: Moment): Promise<void> {
    const { path: program } = await this.find();
    if (moment.path === "") {
      const words = ["replay", moment.session, "--from", moment.at];
      openOwnTerminal("Signoff replay", program, words, "play");
      return;
    }
    const path = await pathOf(moment.root, moment.path);
    const { session, at } = moment;
    const then = await this.states.document(program, path, {
      session,
      at,
      time: "",
      isDisk: false,
    });
    const isThere = (await stat(path).catch(() => undefined))?.isFile() === true;
    if (!isThere) {
      await vscode.window.showTextDocument(then);
      return;
    }
    const title = `${basename(path)}: ${moment.detail} \u2194 now`;
    await vscode.commands.executeCommand("vscode.diff", then.uri, vscode.Uri.file(path), title);
  }

  async getChildren(parent?: Node): Promise<Node[]> {
    if (parent !== undefined) return "children" in parent ? [...parent.children] : [];
    const { path: program } = await this.find();
    const said = await runVerb(program, ["today", "--json"]);
    this.view.message = said.code === 0 ? "" : said.complaint;
    this.day = readDay(said.rows);
    return [...this.day];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const isGroup = "children" in node;
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(node.label, isGroup ? Expanded : None);
    item.description = node.detail;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    if (!isGroup) {
      const what = node.path === "" ? "Replay this moment" : "Show what it was";
      item.tooltip = `${node.label}\n${node.detail}\n${what}`;
      item.command = { command: "signoff.today.open", title: what, arguments: [node] };
    }
    return item;
  }

  /** Whether this is a line of the day that is shown: a command may come from anybody. */
  has(value: unknown): value is Moment {
    const holds = (nodes: readonly Node[]): boolean =>
      nodes.some((one) => ("children" in one ? holds(one.children) : one === value));
    return holds(this.day);
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
  }
}

type Row = Readonly<Record<string, unknown>>;

/** Read the rows of `signoff today --json`; what is open comes first. */
export function readDay(rows: readonly Row[]): readonly Node[] {
  const days = rows.map((row) => ({ row, groups: groupsOf(row) }));
  const shown = days.filter(({ groups }) => groups.length > 0);
  if (shown.length === 1) return shown[0]?.groups ?? [];
  return shown.map(({ row, groups }) => ({
    label: visible(basename(asText(row["root"]))),
    icon: "folder",
    detail: lasted(row["active_s"]),
    children: groups,
  }));
}

function groupsOf(row: Row): readonly Group[] {
  const root = asText(row["root"]);
  const moments = (name: string, icon: string, words: (one: Row) => [string, string?]): Moment[] =>
    asList(row[name])
      .map(asRecord)
      .map((one) => {
        const [label, detail = ""] = words(one);
        const { session, at, t } = one;
        const time = timeOf(asText(t));
        return {
          label: visible(label),
          detail: detail === "" ? time : `${time}  ${visible(detail)}`,
          icon,
          root,
          session: asText(session),
          at: asText(at),
          path: asText(one["path"]),
        };
      });
  const text = (one: Row): [string] => [asText(one["text"])];
  const open = [
    ...moments("unsaved", "circle-filled", (one) => [asText(one["path"]), "not saved"]),
    ...moments("red", "error", (one) => [asText(one["test"]), "still fails"]),
    ...moments("failing", "terminal", (one) => [asText(one["line"]), "failed when last run"]),
  ];
  return [
    group("Open", "circle-large-outline", open),
    group(
      "Tasks",
      "target",
      moments("tasks", "target", (one) => [asText(one["text"]), asText(one["outcome"])]),
    ),
    group("Red \u2192 green", "beaker", moments("turned", "pass", turned)),
    group("Commits", "git-commit", moments("commits", "git-commit", text)),
    group("Files", "files", moments("files", "file", changed)),
    group("Notes", "note", moments("notes", "note", text)),
  ].filter(({ children }) => children.length > 0);
}

function group(label: string, icon: string, children: readonly Moment[]): Group {
  return { label, icon, detail: String(children.length), children };
}

function turned(one: Row): [string, string] {
  const tests = asList(one["tests"]).map(asText);
  const more = tests.length > 1 ? ` and ${tests.length - 1} more` : "";
  return [`${tests[0] ?? "a test"}${more}`, `took ${lasted(one["took_s"])}`];
}

function changed(one: Row): [string, string] {
  const { added, removed } = one;
  return [asText(one["path"]), `+${Number(added ?? 0)} \u2212${Number(removed ?? 0)}`];
}

/** A time of today as a clock shows it, of another day with its date. */
function timeOf(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.valueOf())) return "";
  return time.toDateString() === new Date().toDateString()
    ? time.toLocaleTimeString([], { timeStyle: "short" })
    : clockTime(rfc3339);
}
