/**
 * A stand-in for the `vscode` module: values behave as VS Code documents them, events are fired
 * by the test through `emitters`, and what the extension shows or asks lands in `shown`.
 */

export type Listener<T> = (event: T) => unknown;

export class Disposable {
  constructor(private readonly callOnDispose: () => unknown) {}
  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const one of disposables) one.dispose();
    });
  }
  dispose(): void {
    this.callOnDispose();
  }
}

export class EventEmitter<T> {
  private listeners: Listener<T>[] = [];
  readonly event = (
    listener: Listener<T>,
    thisArg?: unknown,
    disposables?: { dispose(): unknown }[],
  ): Disposable => {
    const bound: Listener<T> = (event) => listener.call(thisArg, event);
    this.listeners.push(bound);
    const registration = new Disposable(() => {
      this.listeners = this.listeners.filter((one) => one !== bound);
    });
    disposables?.push(registration);
    return registration;
  };
  fire(event: T): void {
    for (const listener of [...this.listeners]) listener(event);
  }
  dispose(): void {
    this.listeners = [];
  }
  get listenerCount(): number {
    return this.listeners.length;
  }
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
  isEqual(other: Position): boolean {
    return this.line === other.line && this.character === other.character;
  }
  isBefore(other: Position): boolean {
    return this.line < other.line || (this.line === other.line && this.character < other.character);
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(
    start: Position | number,
    end: Position | number,
    endLine?: number,
    endCharacter?: number,
  ) {
    this.start = start instanceof Position ? start : new Position(start, end as number);
    this.end = end instanceof Position ? end : new Position(endLine ?? 0, endCharacter ?? 0);
  }
  get isEmpty(): boolean {
    return this.start.isEqual(this.end);
  }
  isEqual(other: Range): boolean {
    return this.start.isEqual(other.start) && this.end.isEqual(other.end);
  }
}

export class Selection extends Range {
  readonly anchor: Position;
  readonly active: Position;
  constructor(anchor: Position, active: Position) {
    super(anchor.isBefore(active) ? anchor : active, anchor.isBefore(active) ? active : anchor);
    this.anchor = anchor;
    this.active = active;
  }
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly authority: string,
    readonly path: string,
    readonly query = "",
    readonly fragment = "",
  ) {}
  static file(path: string): Uri {
    return new Uri("file", "", path);
  }
  static parse(text: string): Uri {
    const [, scheme = "file", rest = ""] = /^([a-z][\w+.-]*):(.*)$/s.exec(text) ?? [];
    const [, authority = "", path = rest] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
    return new Uri(scheme, authority, decodeURIComponent(path));
  }
  static joinPath(base: Uri, ...segments: string[]): Uri {
    return base.with({ path: [base.path.replace(/\/$/, ""), ...segments].join("/") });
  }
  with(change: { scheme?: string; path?: string; query?: string }): Uri {
    const { scheme = this.scheme, path = this.path, query = this.query } = change;
    return new Uri(scheme, this.authority, path, query);
  }
  get fsPath(): string {
    return this.path;
  }
  toString(_skipEncoding?: boolean): string {
    const path = this.path.split("/").map(encodeURIComponent).join("/");
    const slashes = this.authority !== "" || this.scheme === "file" ? "//" : "";
    const query = this.query === "" ? "" : `?${encodeURIComponent(this.query)}`;
    return `${this.scheme}:${slashes}${this.authority}${path}${query}`;
  }
}

/** One edit of one document, kept for `applyEdit`. */
export class WorkspaceEdit {
  readonly replaced: { uri: Uri; range: Range; text: string }[] = [];
  replace(uri: Uri, range: Range, text: string): void {
    this.replaced.push({ uri, range, text });
  }
}

export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class MarkdownString {
  isTrusted: boolean | { enabledCommands: readonly string[] } | undefined;
  supportThemeIcons = false;
  constructor(public value = "") {}
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
  appendText(text: string): this {
    this.value += text;
    return this;
  }
}
export class TreeItem {
  id?: string;
  description?: string;
  tooltip?: string;
  contextValue?: string;
  iconPath?: ThemeIcon;
  command?: { command: string; title: string; arguments?: unknown[] };
  constructor(
    public label: string,
    public collapsibleState = 0,
  ) {}
}
export class CancellationTokenSource {
  private readonly emitter = new EventEmitter<undefined>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: this.emitter.event,
  };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.emitter.fire(undefined);
  }
  dispose(): void {
    this.emitter.dispose();
  }
}
export class CancellationError extends Error {}

/** Classes that the language client extends when it is loaded; nothing here makes one. */
class Unused {
  constructor(readonly given?: unknown) {}
}
export class CompletionItem extends Unused {}
export class CodeLens extends Unused {}
export class DocumentLink extends Unused {}
export class CodeAction extends Unused {}
export class CallHierarchyItem extends Unused {}
export class TypeHierarchyItem extends Unused {}
export class SymbolInformation extends Unused {}
export class InlayHint extends Unused {}
export class TabInputTerminal {}
export class TabInputTextDiff {
  constructor(
    readonly original: Uri,
    readonly modified: Uri,
  ) {}
}
export class ProcessExecution {
  constructor(
    readonly process: string,
    readonly args: string[],
    readonly options?: { cwd?: string },
  ) {}
}
export class ShellExecution {
  readonly commandLine: string | undefined;
  constructor(
    readonly command: string,
    readonly args?: (string | { value: string })[],
    readonly options?: { cwd?: string },
  ) {
    if (args === undefined) this.commandLine = command;
  }
}
export class Diagnostic {
  source?: string;
  code?: string | number | { value: string | number };
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity = 0,
  ) {}
}

export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const TerminalLocation = { Panel: 1, Editor: 2 } as const;
export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;
export const TextDocumentChangeReason = { Undo: 1, Redo: 2 } as const;
export const TextEditorSelectionChangeKind = { Keyboard: 1, Mouse: 2, Command: 3 } as const;
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 } as const;
export const TerminalShellExecutionCommandLineConfidence = { Low: 0, Medium: 1, High: 2 } as const;
export const TextDocumentSaveReason = { Manual: 1, AfterDelay: 2, FocusOut: 3 } as const;
export const ViewColumn = { Active: -1, Beside: -2, One: 1 } as const;
export const ConfigurationTarget = { Global: 1, Workspace: 2 } as const;
export const EndOfLine = { LF: 1, CRLF: 2 } as const;
export const LogLevel = { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 } as const;
export const UIKind = { Desktop: 1, Web: 2 } as const;
export const CompletionItemKind = {} as const;
export const CodeActionKind = { Empty: {} } as const;
export class DocumentDropOrPasteEditKind {
  static readonly Text = new DocumentDropOrPasteEditKind("text");
  static readonly Empty = new DocumentDropOrPasteEditKind("");
  constructor(readonly value: string) {}
  append(part: string): DocumentDropOrPasteEditKind {
    return new DocumentDropOrPasteEditKind(`${this.value}.${part}`);
  }
}

// The shape of the events is the test's affair; what the extension reads of them is typed there.
type Loose = any;

/** Every event of the API, by its name, made when it is first asked for. */
export const emitters: Record<string, EventEmitter<Loose>> = new Proxy(
  {} as Record<string, EventEmitter<Loose>>,
  {
    get: (made, name: string) => (made[name] ??= new EventEmitter<Loose>()),
  },
);

const event = (name: string) => emitter(name).event;

/** Return the emitter of an event such as `onDidOpenTextDocument`. */
export function emitter(name: string): EventEmitter<Loose> {
  const found = emitters[name];
  if (found === undefined) throw new Error(`no event ${name}`);
  return found;
}

/** What was shown or asked, oldest first. */
export interface Showing {
  readonly how: string;
  readonly text: string;
  readonly detail?: string;
  readonly isModal: boolean;
  readonly choices: readonly string[];
}

/** All that a test sets or reads; `reset` makes it new. */
interface Surroundings {
  isTrusted: boolean;
  configuration: Record<string, unknown>;
  folders: { uri: Uri; name: string; index: number }[];
  documents: Loose[];
  visibleEditors: Loose[];
  activeEditor: Loose;
  activeTab: Loose;
  windowState: { focused: boolean; active: boolean };
  diagnostics: Map<string, Diagnostic[]>;
  extensions: Map<string, Loose>;
  commands: Map<string, (...args: Loose[]) => unknown>;
  executed: unknown[][];
  shown: Showing[];
  /** Chooses by what was shown; undefined dismisses. */
  answer: (showing: Showing) => string | undefined;
  /** Resolves when a person has seen enough of what a list shows to take it or leave it. */
  look: () => Promise<void>;
  terminals: Loose[];
  statusItems: Loose[];
  trees: Map<string, Loose>;
  treeViews: Map<string, Loose>;
  opened: string[];
  /** Edits of the workspace that were applied; the text they lead to is the test's affair. */
  edits: WorkspaceEdit[];
}

function makeSurroundings(): Surroundings {
  return {
    isTrusted: true,
    configuration: {},
    folders: [],
    documents: [],
    visibleEditors: [],
    activeEditor: undefined,
    activeTab: undefined,
    windowState: { focused: true, active: true },
    diagnostics: new Map(),
    extensions: new Map(),
    commands: new Map(),
    executed: [],
    shown: [],
    answer: () => undefined,
    look: () => Promise.resolve(),
    terminals: [],
    statusItems: [],
    trees: new Map(),
    treeViews: new Map(),
    opened: [],
    edits: [],
  };
}

export const surroundings: Surroundings = makeSurroundings();

/** Forget everything that an earlier test set or saw. */
export function reset(): void {
  Object.assign(surroundings, makeSurroundings());
  for (const name of Object.keys(emitters)) Reflect.deleteProperty(emitters, name);
}

export const version = "1.100.0";
export const env = {
  appName: "Stand-in",
  uiKind: 1,
  remoteName: undefined as string | undefined,
  shell: "/bin/sh",
  language: "en",
  openExternal: (uri: Uri) => {
    surroundings.opened.push(uri.toString());
    return Promise.resolve(true);
  },
};

function titleOf(choice: unknown): string {
  if (typeof choice === "string") return choice;
  const { title, label } = choice as { title?: string; label?: string };
  return title ?? label ?? "";
}

function ask(how: string, text: string, rest: unknown[]): Promise<unknown> {
  const options = rest.find(
    (one): one is { modal?: boolean; detail?: string } =>
      typeof one === "object" && one !== null && ("modal" in one || "detail" in one),
  );
  const choices = rest.filter((one) => one !== options && one !== undefined);
  const showing: Showing = {
    how,
    text,
    ...(options?.detail === undefined ? {} : { detail: options.detail }),
    isModal: options?.modal === true,
    choices: choices.map(titleOf),
  };
  surroundings.shown.push(showing);
  const chosen = surroundings.answer(showing);
  return Promise.resolve(choices.find((choice) => titleOf(choice) === chosen));
}

export const window = {
  get activeTextEditor(): Loose {
    return surroundings.activeEditor;
  },
  get visibleTextEditors(): Loose[] {
    return surroundings.visibleEditors;
  },
  get terminals(): Loose[] {
    return surroundings.terminals;
  },
  activeTerminal: undefined as Loose,
  get state(): Surroundings["windowState"] {
    return surroundings.windowState;
  },
  tabGroups: {
    all: [] as Loose[],
    get activeTabGroup(): { activeTab: Loose } {
      return { activeTab: surroundings.activeTab };
    },
    close: () => Promise.resolve(true),
    onDidChangeTabs: (listener: Listener<Loose>) => event("onDidChangeTabs")(listener),
    onDidChangeTabGroups: (listener: Listener<Loose>) => event("onDidChangeTabGroups")(listener),
  },
  setStatusBarMessage: (text: string) => {
    surroundings.shown.push({ how: "statusBar", text, isModal: false, choices: [] });
    return new Disposable(() => undefined);
  },
  showInformationMessage: (text: string, ...rest: unknown[]) => ask("information", text, rest),
  showWarningMessage: (text: string, ...rest: unknown[]) => ask("warning", text, rest),
  showErrorMessage: (text: string, ...rest: unknown[]) => ask("error", text, rest),
  showTextDocument: (document: Loose) => {
    surroundings.activeEditor = { document };
    return Promise.resolve(surroundings.activeEditor);
  },
  showOpenDialog: () => Promise.resolve(undefined),
  showQuickPick: async (items: Loose, options?: { title?: string; placeHolder?: string }) => {
    const offered = (await items) as unknown[];
    const text = options?.title ?? options?.placeHolder ?? "";
    const showing = { how: "quickPick", text, isModal: false, choices: offered.map(titleOf) };
    surroundings.shown.push(showing);
    const chosen = surroundings.answer(showing);
    return offered.find((item) => titleOf(item) === chosen);
  },
  /** What was shown is told when it is shown; the answer accepts, none hides. */
  createQuickPick: () => {
    const active = new EventEmitter<Loose[]>();
    const accepted = new EventEmitter<undefined>();
    const hidden = new EventEmitter<undefined>();
    const picker = {
      title: "",
      items: [] as Loose[],
      activeItems: [] as Loose[],
      onDidChangeActive: active.event,
      onDidAccept: accepted.event,
      onDidHide: hidden.event,
      show: () => {
        const choices = picker.items.map(titleOf);
        const showing = { how: "quickPick", text: picker.title, isModal: false, choices };
        surroundings.shown.push(showing);
        const chosen = surroundings.answer(showing);
        picker.activeItems = picker.items.filter((item) => titleOf(item) === chosen).slice(0, 1);
        active.fire(picker.activeItems);
        void surroundings.look().then(() => {
          if (chosen === undefined) picker.hide();
          else accepted.fire(undefined);
        });
      },
      hide: () => {
        hidden.fire(undefined);
      },
      dispose: () => undefined,
    };
    return picker;
  },
  showInputBox: (options?: { title?: string; prompt?: string }) => {
    const text = options?.prompt ?? options?.title ?? "";
    const showing = { how: "inputBox", text, isModal: false, choices: [] };
    surroundings.shown.push(showing);
    return Promise.resolve(surroundings.answer(showing));
  },
  createStatusBarItem: (id: string, alignment: number, priority: number) => {
    const item = {
      id,
      alignment,
      priority,
      name: "",
      text: "",
      tooltip: undefined as unknown,
      command: undefined as unknown,
      backgroundColor: undefined as unknown,
      isVisible: false,
      show: () => (item.isVisible = true),
      hide: () => (item.isVisible = false),
      dispose: () => (item.isVisible = false),
    };
    surroundings.statusItems.push(item);
    return item;
  },
  createTerminal: (options: Loose) => {
    const terminal = {
      options: options as unknown,
      name: (options as { name?: string }).name ?? "",
      processId: Promise.resolve(1),
      sent: [] as [string, boolean][],
      isShown: false,
      show: () => (terminal.isShown = true),
      sendText: (text: string, shouldExecute = true) => terminal.sent.push([text, shouldExecute]),
      dispose: () => undefined,
    };
    surroundings.terminals.push(terminal);
    return terminal;
  },
  createTreeView: (id: string, options: { treeDataProvider: unknown }) => {
    const visibility = new EventEmitter<{ visible: boolean }>();
    const view = {
      visible: false,
      message: undefined as string | undefined,
      description: undefined as string | undefined,
      onDidChangeVisibility: visibility.event,
      setVisible: (visible: boolean) => {
        view.visible = visible;
        visibility.fire({ visible });
      },
      dispose: () => undefined,
    };
    surroundings.trees.set(id, options.treeDataProvider);
    surroundings.treeViews.set(id, view);
    return view;
  },
  createOutputChannel: () => ({
    append: () => undefined,
    appendLine: () => undefined,
    clear: () => undefined,
    show: () => undefined,
    hide: () => undefined,
    replace: () => undefined,
    dispose: () => undefined,
    name: "",
  }),
  withProgress: (
    options: { title?: string },
    task: (progress: { report(): void }, token: unknown) => Promise<unknown>,
  ) => {
    const source = new CancellationTokenSource();
    const showing = {
      how: "progress",
      text: options.title ?? "",
      isModal: false,
      choices: ["Cancel"],
    };
    surroundings.shown.push(showing);
    if (surroundings.answer(showing) === "Cancel") {
      setImmediate(() => {
        source.cancel();
      });
    }
    return task({ report: () => undefined }, source.token);
  },
  onDidChangeActiveTextEditor: (l: Listener<Loose>) => event("onDidChangeActiveTextEditor")(l),
  onDidChangeVisibleTextEditors: (l: Listener<Loose>) => event("onDidChangeVisibleTextEditors")(l),
  onDidChangeTextEditorSelection: (l: Listener<Loose>) =>
    event("onDidChangeTextEditorSelection")(l),
  onDidChangeTextEditorVisibleRanges: (l: Listener<Loose>) =>
    event("onDidChangeTextEditorVisibleRanges")(l),
  onDidChangeWindowState: (l: Listener<Loose>) => event("onDidChangeWindowState")(l),
  onDidChangeActiveTerminal: (l: Listener<Loose>) => event("onDidChangeActiveTerminal")(l),
  onDidOpenTerminal: (l: Listener<Loose>) => event("onDidOpenTerminal")(l),
  onDidCloseTerminal: (l: Listener<Loose>) => event("onDidCloseTerminal")(l),
  onDidStartTerminalShellExecution: (l: Listener<Loose>) =>
    event("onDidStartTerminalShellExecution")(l),
  onDidEndTerminalShellExecution: (l: Listener<Loose>) =>
    event("onDidEndTerminalShellExecution")(l),
};

export const workspace = {
  get isTrusted(): boolean {
    return surroundings.isTrusted;
  },
  get workspaceFolders(): Surroundings["folders"] | undefined {
    return surroundings.folders.length === 0 ? undefined : surroundings.folders;
  },
  get textDocuments(): Loose[] {
    return surroundings.documents;
  },
  get notebookDocuments(): Loose[] {
    return [];
  },
  getWorkspaceFolder: (uri: Uri) =>
    surroundings.folders.find((one) => `${uri.path}/`.startsWith(`${one.uri.path}/`)),
  getConfiguration: (section?: string) => ({
    get: (name: string, fallback?: unknown) =>
      surroundings.configuration[section === undefined ? name : `${section}.${name}`] ?? fallback,
    inspect: () => undefined,
    has: () => false,
    update: () => Promise.resolve(),
  }),
  asRelativePath: (uri: Uri | string) => (typeof uri === "string" ? uri : uri.path),
  registerTextDocumentContentProvider: (scheme: string, provider: unknown) => {
    surroundings.trees.set(scheme, provider);
    return new Disposable(() => surroundings.trees.delete(scheme));
  },
  /** An open document, else what the provider of its scheme says, else nothing but the name. */
  openTextDocument: (uri: Uri) => {
    const documents = surroundings.documents as { uri: Uri }[];
    const open = documents.find((one) => one.uri.toString() === uri.toString());
    const provider = surroundings.trees.get(uri.scheme) as
      | { provideTextDocumentContent?: (uri: Uri) => string }
      | undefined;
    const getText = () => provider?.provideTextDocumentContent?.(uri) ?? "";
    return Promise.resolve(open ?? { uri, getText });
  },
  applyEdit: (edit: WorkspaceEdit) => {
    surroundings.edits.push(edit);
    return Promise.resolve(true);
  },
  decode: (bytes: Uint8Array) => {
    if (bytes.includes(0)) return Promise.reject(new Error("the file is binary"));
    return Promise.resolve(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  },
  createFileSystemWatcher: () => ({ dispose: () => undefined }),
  onDidOpenTextDocument: (l: Listener<Loose>, t?: unknown, d?: Disposable[]) =>
    event("onDidOpenTextDocument")(l, t, d),
  onDidCloseTextDocument: (l: Listener<Loose>, t?: unknown, d?: Disposable[]) =>
    event("onDidCloseTextDocument")(l, t, d),
  onDidChangeTextDocument: (l: Listener<Loose>, t?: unknown, d?: Disposable[]) =>
    event("onDidChangeTextDocument")(l, t, d),
  onDidSaveTextDocument: (l: Listener<Loose>, t?: unknown, d?: Disposable[]) =>
    event("onDidSaveTextDocument")(l, t, d),
  onWillSaveTextDocument: (l: Listener<Loose>, t?: unknown, d?: Disposable[]) =>
    event("onWillSaveTextDocument")(l, t, d),
  onDidCreateFiles: (l: Listener<Loose>) => event("onDidCreateFiles")(l),
  onDidRenameFiles: (l: Listener<Loose>) => event("onDidRenameFiles")(l),
  onDidDeleteFiles: (l: Listener<Loose>) => event("onDidDeleteFiles")(l),
  onDidChangeConfiguration: (l: Listener<Loose>) => event("onDidChangeConfiguration")(l),
  onDidChangeWorkspaceFolders: (l: Listener<Loose>) => event("onDidChangeWorkspaceFolders")(l),
  onDidGrantWorkspaceTrust: (l: Listener<Loose>) => event("onDidGrantWorkspaceTrust")(l),
};

export const languages = {
  /** Enough of the selector rules for ours: scheme and language. */
  match: (
    selector: { scheme?: string; language?: string } | { scheme?: string; language?: string }[],
    document: Loose,
  ): number => {
    const { uri, languageId } = document as { uri: Uri; languageId: string };
    const filters = Array.isArray(selector) ? selector : [selector];
    return filters.some(
      (one) =>
        (one.scheme === undefined || one.scheme === uri.scheme) &&
        (one.language === undefined || one.language === languageId),
    )
      ? 10
      : 0;
  },
  getDiagnostics: (uri: Uri) => surroundings.diagnostics.get(uri.toString()) ?? [],
  createDiagnosticCollection: () => ({
    set: () => undefined,
    delete: () => undefined,
    clear: () => undefined,
    dispose: () => undefined,
  }),
  onDidChangeDiagnostics: (l: Listener<Loose>) => event("onDidChangeDiagnostics")(l),
  registerDocumentPasteEditProvider: (selector: unknown, provider: unknown, metadata: unknown) => {
    surroundings.trees.set("documentPaste", { selector, provider, metadata });
    return new Disposable(() => surroundings.trees.delete("documentPaste"));
  },
};

export const tasks = {
  taskExecutions: [] as Loose[],
  onDidStartTask: (l: Listener<Loose>) => event("onDidStartTask")(l),
  onDidEndTask: (l: Listener<Loose>) => event("onDidEndTask")(l),
  onDidStartTaskProcess: (l: Listener<Loose>) => event("onDidStartTaskProcess")(l),
  onDidEndTaskProcess: (l: Listener<Loose>) => event("onDidEndTaskProcess")(l),
};

export const extensions = {
  getExtension: (id: string): Loose => surroundings.extensions.get(id),
  get all(): Loose[] {
    return [...surroundings.extensions.values()];
  },
  onDidChange: (l: Listener<Loose>) => event("onDidChangeExtensions")(l),
};

export const commands = {
  registerCommand: (name: string, run: (...args: Loose[]) => unknown) => {
    if (surroundings.commands.has(name)) throw new Error(`command '${name}' already exists`);
    surroundings.commands.set(name, run);
    return new Disposable(() => surroundings.commands.delete(name));
  },
  executeCommand: (name: string, ...rest: unknown[]) => {
    surroundings.executed.push([name, ...rest]);
    return Promise.resolve(surroundings.commands.get(name)?.(...rest));
  },
  getCommands: () => Promise.resolve([...surroundings.commands.keys()]),
};
