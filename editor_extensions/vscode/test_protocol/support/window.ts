/** A window of the stand-in with the real extension, the real client and the real program. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, vi } from "vitest";

import { activate, deactivate } from "../../src/extension";
import { makeFolder } from "../../test/support/places";
import * as vscode from "../../test/support/vscode";

export const PROGRAM = fileURLToPath(new URL("../../../../.venv/bin/signoff", import.meta.url));
const ROOT = new URL("../../", import.meta.url);
const DEADLINE_MS = 80_000;

type Document = ReturnType<typeof makeDocument>;

/** One window on one project, with a home of its own. */
export class Window {
  readonly home = makeFolder();
  readonly project = makeFolder();
  private readonly memory = new Map<string, unknown>([["wasWelcomed", true]]);
  private readonly subscriptions: { dispose(): unknown }[] = [];

  constructor(program = PROGRAM) {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run "make dev" first`);
    vscode.reset();
    vi.stubEnv("SIGNOFF_HOME", join(this.home, "signoff"));
    vi.stubEnv("HOME", this.home);
    for (const name of ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"]) {
      vi.stubEnv(name, undefined);
    }
    vscode.surroundings.configuration["signoff.path"] = program;
    const uri = vscode.Uri.file(this.project);
    vscode.surroundings.folders = [{ uri, name: "project", index: 0 }];
    onTestFinished(async () => {
      await this.close();
      vi.unstubAllEnvs();
    });
  }

  /** Start the extension, as VS Code does after its start. */
  open(): void {
    const state = {
      get: (name: string) => this.memory.get(name),
      update: (name: string, value: unknown) => {
        this.memory.set(name, value);
        return Promise.resolve();
      },
    };
    const context = {
      subscriptions: this.subscriptions,
      extensionUri: vscode.Uri.file(this.home),
      extension: {
        packageJSON: JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as object,
      },
      globalState: state,
      workspaceState: state,
      environmentVariableCollection: {
        replace: () => undefined,
        clear: () => undefined,
        delete: () => undefined,
      },
    };
    activate(context as unknown as Parameters<typeof activate>[0]);
  }

  /** Switch the extension off, as VS Code does; may be called twice. */
  async close(): Promise<void> {
    await deactivate();
    for (const one of this.subscriptions.splice(0).reverse()) one.dispose();
  }

  /** Run a verb of the program and return what it printed; it must succeed. */
  signoff(...words: string[]): string {
    const { status, stdout, stderr } = spawnSync(PROGRAM, words, {
      cwd: this.project,
      encoding: "utf8",
    });
    expect([words, status, status === 0 ? "" : stderr]).toEqual([words, 0, ""]);
    return stdout;
  }

  /** Open a document of this project, written to disk first. */
  openFile(name: string, text: string): Document {
    const path = join(this.project, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return this.openDocument(vscode.Uri.file(path), text);
  }

  openDocument(uri: vscode.Uri, text: string): Document {
    const document = makeDocument(uri, text);
    vscode.surroundings.documents.push(document);
    vscode.surroundings.activeEditor = { document, selections: [], visibleRanges: [] };
    vscode.emitter("onDidOpenTextDocument").fire(document);
    return document;
  }

  /** What the status bar shows. */
  get statusText(): string {
    return (vscode.surroundings.statusItems[0] as { text: string }).text;
  }

  async statusReads(expected: RegExp): Promise<void> {
    await until(() => {
      expect(this.statusText).toMatch(expected);
    });
  }

  /** Run a command as the palette, or another extension, does. */
  async command(name: string, argument?: unknown): Promise<void> {
    await vscode.commands.executeCommand(`signoff.${name}`, argument);
  }
}

/** Answer whatever asks with one of these; everything else is dismissed. */
export function answerWith(...answers: string[]): void {
  vscode.surroundings.answer = ({ choices, how }) =>
    how === "inputBox" ? answers[0] : choices.find((choice) => answers.includes(choice));
}

/** Everything modal that was asked so far. */
export function modals(): readonly vscode.Showing[] {
  return vscode.surroundings.shown.filter((showing) => showing.isModal);
}

/** Wait until the assertions hold. */
export async function until(holds: () => unknown): Promise<void> {
  await vi.waitFor(holds, { timeout: DEADLINE_MS, interval: 20 });
}

function makeDocument(uri: vscode.Uri, initial: string) {
  let text = initial;
  const document = {
    uri,
    fileName: uri.fsPath,
    languageId: "python",
    version: 1,
    isDirty: false,
    isUntitled: uri.scheme === "untitled",
    getText: () => text,
    /** Put text at the end, as a key does. */
    append: (added: string, reason?: number) => {
      const lines = text.split("\n");
      const end = new vscode.Position(lines.length - 1, lines.at(-1)?.length ?? 0);
      const rangeOffset = text.length;
      text += added;
      document.version += 1;
      document.isDirty = true;
      vscode.emitter("onDidChangeTextDocument").fire({
        document,
        reason,
        contentChanges: [
          { range: new vscode.Range(end, end), rangeOffset, rangeLength: 0, text: added },
        ],
      });
    },
  };
  return document;
}

/** Open a list of ours, as a person does: what it shows once it has been read. */
export async function openedList<N>(name: string): Promise<readonly N[]> {
  const view = vscode.surroundings.treeViews.get(`signoff.${name}`) as {
    setVisible(visible: boolean): void;
  };
  const list = vscode.surroundings.trees.get(`signoff.${name}`) as {
    reading: Promise<boolean> | undefined;
    getChildren(): Promise<N[]>;
  };
  view.setVisible(false);
  view.setVisible(true);
  while (list.reading !== undefined) await list.reading;
  return list.getChildren();
}
