/**
 * A stand-in for the `vscode` module: values behave as VS Code documents them, events are fired
 * by the test through `emitters`, and what the extension shows or asks lands in `shown`.
 */

import {
  CancellationTokenSource,
  type Diagnostic,
  Disposable,
  EventEmitter,
  type Listener,
  type Uri,
  type WorkspaceEdit,
} from "./vscode_values";

export * from "./vscode_values";

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
  panels: Loose[];
  clipboard: string;
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
    panels: [],
    clipboard: "",
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
  clipboard: {
    writeText: (text: string) => {
      surroundings.clipboard = text;
      return Promise.resolve();
    },
  },
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
  createWebviewPanel: (viewType: string, title: string) => {
    const messages = new EventEmitter<Loose>();
    const disposed = new EventEmitter<undefined>();
    const panel = {
      viewType,
      title,
      posted: [] as Loose[],
      webview: {
        html: "",
        onDidReceiveMessage: messages.event,
        postMessage: (message: Loose) => Promise.resolve(panel.posted.push(message) > 0),
      },
      receive: (message: Loose) => {
        messages.fire(message);
      },
      onDidDispose: disposed.event,
      dispose: () => {
        disposed.fire(undefined);
      },
    };
    surroundings.panels.push(panel);
    return panel;
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
