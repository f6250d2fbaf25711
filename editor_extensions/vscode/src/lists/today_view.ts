import { basename } from "node:path";
import { stat } from "node:fs/promises";
import * as vscode from "vscode";

import { lasted } from "../lasting";
import { openOwnTerminal } from "../own_terminals";
import type { Program } from "../program";
import { asList, asRecord, asText, type BridgeStanding } from "../standing";
import { runVerb } from "../verbs";
import { pathOf } from "../history/finding";
import type { OldStates } from "../history/old_states";
import { clockTime, type Moment, visible } from "../history/rows";
import { ListView, type News, sessionsOf } from "./list_view";

/** Kinds of steps that make a line here; while only others come, the day is not read again. */
const TOLD_KINDS = /^(task|note|save|create|rename|delete|files|command|tests|git)$/;

/** One line of today: a moment, in a file where it has one. */
export interface DayLine extends Moment {
  readonly label: string;
  readonly detail: string;
  readonly icon: string;
  readonly root: string;
  /** Relative to `root`; empty for what happened in no file. */
  readonly path: string;
}

/** Lines of one kind, or of one workspace. */
export interface Group {
  readonly label: string;
  readonly icon: string;
  readonly detail: string;
  readonly children: readonly (Group | DayLine)[];
}

type Node = Group | DayLine;

/** "Today": what `signoff today` tells, as a tree whose lines show the difference or replay. */
export class TodayView extends ListView<Node> {
  constructor(
    private readonly find: () => Promise<Program>,
    private readonly states: OldStates,
    news: News,
  ) {
    super("today", news, { showCollapseAll: true });
  }

  /** Show what a file was at the moment of a line against what it is, or replay the moment. */
  async open(line: unknown): Promise<void> {
    if (!this.isOurs(line) || "children" in line) return;
    const { path: program } = await this.find();
    if (line.path === "") {
      const words = ["replay", line.session, "--from", line.at];
      openOwnTerminal("Signoff replay", program, words, "play");
      return;
    }
    const path = await pathOf(line.root, line.path);
    const then = await this.states.document(program, path, line);
    const isThere = (await stat(path).catch(() => undefined))?.isFile() === true;
    if (!isThere) {
      await vscode.window.showTextDocument(then);
      return;
    }
    const title = `${basename(path)}: ${line.detail} \u2194 now`;
    await vscode.commands.executeCommand("vscode.diff", then.uri, vscode.Uri.file(path), title);
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

  protected async read(): Promise<readonly Node[]> {
    const said = await runVerb((await this.find()).path, ["today", "--json"]);
    if (said.code !== 0) throw new Error(said.complaint);
    return readDay(said.rows);
  }

  protected below(parent: Node): readonly Node[] {
    return "children" in parent ? parent.children : [];
  }

  protected dependsOn(standing: BridgeStanding): string {
    const told = [...standing.steps].filter(([kind]) => TOLD_KINDS.test(kind));
    return `${sessionsOf(standing)} ${JSON.stringify(told)}`;
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
  const lines = (name: string, icon: string, words: (one: Row) => [string, string?]): DayLine[] =>
    asList(row[name])
      .map(asRecord)
      .map((one) => {
        const [label, detail = ""] = words(one);
        const { session, at, t } = one;
        const time = asText(t);
        const clock = timeOf(time);
        return {
          label: visible(label),
          detail: detail === "" ? clock : `${clock}  ${visible(detail)}`,
          icon,
          root,
          session: asText(session),
          at: asText(at),
          time,
          isDisk: false,
          path: asText(one["path"]),
        };
      });
  const text = (one: Row): [string] => [asText(one["text"])];
  const open = [
    ...lines("unsaved", "circle-filled", (one) => [asText(one["path"]), "not saved"]),
    ...lines("red", "error", (one) => [asText(one["test"]), "still fails"]),
    ...lines("failing", "terminal", (one) => [asText(one["line"]), "failed when last run"]),
  ];
  return [
    group("Open", "circle-large-outline", open),
    group(
      "Tasks",
      "target",
      lines("tasks", "target", (one) => [asText(one["text"]), asText(one["outcome"])]),
    ),
    group("Red \u2192 green", "beaker", lines("turned", "pass", turned)),
    group("Commits", "git-commit", lines("commits", "git-commit", text)),
    group("Files", "files", lines("files", "file", changed)),
    group("Notes", "note", lines("notes", "note", text)),
  ].filter(({ children }) => children.length > 0);
}

function group(label: string, icon: string, children: readonly DayLine[]): Group {
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
