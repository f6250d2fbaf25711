import type { ExtensionContext, TextDocument } from "vscode";
import { vi } from "vitest";
import type { ObservedWindow } from "../../src/observed_window";
import { type BridgeStanding, UNKNOWN_STANDING } from "../../src/standing";
import { EventEmitter, Position, Range, Selection, surroundings, Uri } from "../support/vscode";

/** Two characters outside the Basic Multilingual Plane: one alone hides encoding faults. */
export const EMOJI = "😀🧪";

/** One notification that was sent. */
export type Sent = readonly [method: string, params: Record<string, unknown>];

/** The bridge as observation knows it; what was sent lies in `sent`. */
export class Told implements ObservedWindow {
  readonly sent: Sent[] = [];
  readonly asked: Sent[] = [];
  readonly handlers = new Map<string, (params: unknown) => void>();
  readonly variables = new Map<string, string>();
  readonly collection = {
    persistent: true,
    description: "" as unknown,
    clear: () => {
      this.variables.clear();
    },
    replace: (name: string, value: string) => this.variables.set(name, value),
  };
  readonly untold = new Set<TextDocument>();
  answer: unknown = {};
  standing: BridgeStanding = { ...UNKNOWN_STANDING, isRecording: true };
  private readonly changed = new EventEmitter<BridgeStanding>();
  readonly onDidChangeStanding = this.changed.event as ObservedWindow["onDidChangeStanding"];
  readonly context = {
    environmentVariableCollection: this.collection,
  } as unknown as ExtensionContext;

  notify(method: string, params: object): void {
    this.sent.push([method, params as Record<string, unknown>]);
  }
  request(method: string, params: object): Promise<unknown> {
    this.asked.push([method, params as Record<string, unknown>]);
    return this.answer instanceof Error
      ? Promise.reject(this.answer)
      : Promise.resolve(this.answer);
  }
  onNotification(method: string, handler: (params: unknown) => void) {
    this.handlers.set(method, handler);
    return { dispose: () => this.handlers.delete(method) };
  }
  isTold(document: TextDocument): boolean {
    return document.uri.scheme === "file" && !this.untold.has(document);
  }
  stand(isRecording: boolean): void {
    this.standing = { ...UNKNOWN_STANDING, isRecording };
    this.changed.fire(this.standing);
  }
  /** What was sent with this method. */
  of(method: string): Record<string, unknown>[] {
    return this.sent.filter(([name]) => name === method).map(([, params]) => params);
  }
}

/** A document that changes as VS Code's do: the version first, then the event. */
export class FakeDocument {
  version = 1;
  languageId = "python";
  text = "";
  readonly uri: Uri;
  constructor(path = "/p/a.py", scheme = "file") {
    this.uri = scheme === "file" ? Uri.file(path) : Uri.parse(`${scheme}:${path}`);
    surroundings.documents.push(this);
  }
  getText(): string {
    return this.text;
  }
}

export interface FakeEditor {
  document: FakeDocument;
  selections: Selection[];
  visibleRanges: Range[];
}

/** An editor on the document, which is the active one unless told otherwise. */
export function openEditor(document: FakeDocument, isActive = true): FakeEditor {
  const editor = { document, selections: [cursor(0, 0)], visibleRanges: [range(0, 0, 40, 0)] };
  surroundings.visibleEditors.push(editor);
  if (isActive) surroundings.activeEditor = editor;
  return editor;
}

export function range(line: number, character: number, toLine: number, toCharacter: number): Range {
  return new Range(line, character, toLine, toCharacter);
}

export function at(line: number, character: number): Range {
  return range(line, character, line, character);
}

export function cursor(line: number, character: number): Selection {
  return new Selection(new Position(line, character), new Position(line, character));
}

/** Time that tests own: timers and the clock that the observers read. */
export function stopTime(): () => number {
  vi.useFakeTimers();
  return () => Date.now();
}
