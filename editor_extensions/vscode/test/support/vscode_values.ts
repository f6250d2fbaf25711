/** The values of the stand-in for the `vscode` module: places, edits, icons, what is counted. */

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
