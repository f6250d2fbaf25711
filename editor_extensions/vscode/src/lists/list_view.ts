import * as vscode from "vscode";

import type { Bridge } from "../bridge";
import type { BridgeStanding } from "../standing";

/** Our views are in the activity bar: something is recorded here, or a command asked for one. */
const VIEWS_ARE_SHOWN = "signoff.viewsAreShown";

/** What a list hears of: the bridge of this window. */
export type News = Pick<Bridge, "life" | "standing" | "onDidChange">;

/** Put our views into the activity bar. */
export function showViews(): Thenable<unknown> {
  return vscode.commands.executeCommand("setContext", VIEWS_ARE_SHOWN, true);
}

/**
 * A list in the activity bar that stays true while it is visible.
 *
 * It is read by one call at a time, so an older answer never replaces a newer one, and VS Code is
 * told behind the reading, and only of what is new: while VS Code asks for nodes, a click on one is
 * lost. What cannot be read is said above the list, and the words for an empty list are hidden then.
 */
export abstract class ListView<N extends object>
  implements vscode.TreeDataProvider<N>, vscode.Disposable
{
  protected readonly view: vscode.TreeView<N>;
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly registrations: vscode.Disposable[];
  /** All nodes that VS Code got. Only these are acted on: a command may come from anybody. */
  private readonly given = new WeakSet<object>();
  private latest: readonly N[] | undefined;
  private reading: Promise<boolean> | undefined;
  private isOutdated = false;
  private known: string;

  readonly onDidChangeTreeData = this.changed.event;

  /** @param name the view is `signoff.NAME` in the manifest */
  constructor(
    private readonly name: string,
    private readonly news: News,
    options: { readonly showCollapseAll?: boolean } = {},
  ) {
    this.view = vscode.window.createTreeView(`signoff.${name}`, {
      treeDataProvider: this,
      ...options,
    });
    this.known = this.latestNews();
    this.registrations = [
      this.view,
      this.changed,
      news.onDidChange(() => {
        const latest = this.latestNews();
        if (latest === this.known) return;
        this.known = latest;
        this.refreshVisible();
      }),
      this.view.onDidChangeVisibility(() => {
        this.refreshVisible();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.refreshVisible(); // other programs may have changed it
      }),
    ];
  }

  /** Go to the list; it is read anew. */
  async show(): Promise<void> {
    await showViews();
    await vscode.commands.executeCommand(`signoff.${this.name}.focus`);
    this.refresh();
  }

  /** Read it anew, or once more behind the reading that goes on. */
  refresh(): void {
    if (this.reading !== undefined) {
      this.isOutdated = true;
      return;
    }
    void this.readAnew().then((isNew) => {
      if (isNew) this.changed.fire(undefined);
    });
  }

  async getChildren(parent?: N): Promise<N[]> {
    if (parent === undefined && this.latest === undefined) await this.readAnew();
    const nodes = parent === undefined ? this.nodes : this.below(parent);
    for (const one of nodes) this.given.add(one);
    return [...nodes];
  }

  abstract getTreeItem(node: N): vscode.TreeItem;

  dispose(): void {
    for (const one of this.registrations) one.dispose();
  }

  /**
   * Read the topmost nodes.
   *
   * @throws Error saying why they cannot be read
   */
  protected abstract read(): Promise<readonly N[]>;

  /** The nodes below one, which it holds. */
  protected abstract below(parent: N): readonly N[];

  /** What of a standing the list depends on: it is read again when this changes. */
  protected abstract dependsOn(standing: BridgeStanding): string;

  /** The topmost nodes as they were read last. */
  protected get nodes(): readonly N[] {
    return this.latest ?? [];
  }

  /** Whether this is a node of this list, also one that was replaced since by a newer one. */
  protected isOurs(value: unknown): value is N {
    return typeof value === "object" && value !== null && this.given.has(value);
  }

  private refreshVisible(): void {
    if (this.view.visible) this.refresh();
  }

  private latestNews(): string {
    return `${this.news.life.kind} ${this.dependsOn(this.news.standing)}`;
  }

  /** Return whether something else is to be shown than before. */
  private readAnew(): Promise<boolean> {
    this.reading ??= this.readOrTell().then((nodes) => {
      this.reading = undefined;
      const isNew = JSON.stringify(nodes) !== JSON.stringify(this.latest);
      if (isNew) this.latest = nodes;
      if (this.isOutdated) {
        this.isOutdated = false;
        this.refresh();
      }
      return isNew;
    });
    return this.reading;
  }

  private async readOrTell(): Promise<readonly N[]> {
    let complaint = "";
    let nodes: readonly N[] = [];
    try {
      nodes = await this.read();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      complaint = `This list cannot be read: ${why}`;
    }
    this.view.message = complaint;
    void vscode.commands.executeCommand(
      "setContext",
      `signoff.${this.name}.isUnread`,
      complaint !== "",
    );
    return nodes;
  }
}

/** The sessions that go on in a window, with what was said of them. */
export function sessionsOf({ workspaces }: BridgeStanding): string {
  return JSON.stringify(
    workspaces.map(({ root, state, session, task }) => [root, state, session, task]),
  );
}
