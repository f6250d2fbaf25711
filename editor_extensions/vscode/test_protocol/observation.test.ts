import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

import * as vscode from "../test/support/vscode";
import { openedList, until, Window } from "./support/window";

const EMOJI = "\u{1F600}\u{1F9EA}";
const TEXT = `one = "${EMOJI}"\ntwo = 2\n`;
const KEYBOARD = 1;

// Sealing and showing are programs of their own, which a busy machine runs slowly.
vi.setConfig({ testTimeout: 300_000 });

type Step = Readonly<Record<string, unknown>> & { readonly kind: string };
type Document = ReturnType<Window["openFile"]>;

async function recording(): Promise<{ window: Window; document: Document }> {
  const window = new Window();
  window.signoff("enable", window.project, "--yes", "--owner", "mine");
  window.open();
  const document = window.openFile("one.py", TEXT);
  await window.statusReads(/recording/);
  return { window, document };
}

/** The end of a text, as a cursor. */
function endOf(document: Document): vscode.Selection {
  const lines = document.getText().split("\n");
  const end = new vscode.Position(lines.length - 1, lines.at(-1)?.length ?? 0);
  return new vscode.Selection(end, end);
}

/** A finding at the start. */
function diagnose(document: Document): void {
  const found = new vscode.Diagnostic(new vscode.Range(0, 6, 0, 10), `not ${EMOJI}`, 1);
  found.source = "ruff";
  vscode.surroundings.diagnostics.set(document.uri.toString(), [found]);
  vscode.emitter("onDidChangeDiagnostics").fire({ uris: [document.uri] });
}

function select(document: Document, kind?: number): void {
  const textEditor = vscode.surroundings.activeEditor as { selections: vscode.Selection[] };
  textEditor.selections = [endOf(document)];
  vscode.emitter("onDidChangeTextEditorSelection").fire({
    textEditor,
    selections: textEditor.selections,
    kind,
  });
}

interface Shown {
  readonly entry?: { kind: string; count: number; label: string };
}

/** How the list counts each kind of looking, which it tells as one entry. */
const COUNTED: Readonly<Record<string, RegExp>> = {
  diagnostics: /(\d+) changes? of problems/,
  view: /(\d+) looks?/,
  select: /(\d+) cursor moves?/,
  focus: /(\d+) focus changes?/,
};

/** Until the bridge has written down so many steps of a kind, and all that was sent before. */
async function told(kind: string, count = 1): Promise<void> {
  await until(async () => {
    const entries = (await openedList<Shown>("captured")).flatMap((node) => node.entry ?? []);
    const counts = entries.map((entry) =>
      entry.kind === kind ? entry.count : Number(COUNTED[kind]?.exec(entry.label)?.[1] ?? 0),
    );
    expect(counts.reduce((total, one) => total + one, 0)).toBeGreaterThanOrEqual(count);
  });
}

/** End the session and return its sealed steps. */
async function sealed(window: Window): Promise<Step[]> {
  window.signoff("stop");
  await window.close();
  window.signoff("seal");
  const listed = window.signoff("list", "--json").trim().split("\n");
  const rows = listed.map((row) => JSON.parse(row) as { kind: string; id: string });
  const episode = rows.find(({ kind }) => kind === "episode");
  const steps = window.signoff("show", episode?.id ?? "", "--steps", "--json");
  return steps
    .trim()
    .split("\n")
    .map((row) => JSON.parse(row) as Step);
}

test("keys, a program's edits, undo and redo are sealed as what they are", async () => {
  const { window, document } = await recording();
  diagnose(document);
  await told("diagnostics");
  for (const character of ["a", "\u{1F600}", "\u{1F9EA}"]) {
    document.append(character);
    select(document, KEYBOARD);
  }
  document.append("p"); // an agent that streams
  select(document);
  document.append("two words");
  select(document, KEYBOARD);
  for (const [reason, text] of [
    [vscode.TextDocumentChangeReason.Undo, "u"],
    [vscode.TextDocumentChangeReason.Redo, "r"],
  ] as const) {
    document.append(text, reason);
    select(document);
  }
  vscode.surroundings.diagnostics.clear();
  vscode.emitter("onDidChangeDiagnostics").fire({ uris: [document.uri] });
  await told("diagnostics", 2); // they wait for longer than the evidence of keys does
  const edits = (await sealed(window)).filter(({ kind }) => kind === "edit");
  expect(edits.map(({ text, actor }) => [text, (actor as { class: string }).class])).toEqual([
    ["a", "typed"],
    ["\u{1F600}", "typed"],
    ["\u{1F9EA}", "typed"],
    ["p", "unknown"],
    ["two words", "unknown"],
    ["u", "undo"],
    ["r", "redo"],
  ]);
});

test("what is looked at, found wrong and left is sealed", async () => {
  const { window, document } = await recording();
  const textEditor = vscode.surroundings.activeEditor as { visibleRanges: vscode.Range[] };
  textEditor.visibleRanges = [new vscode.Range(0, 0, 0, 3), new vscode.Range(2, 0, 2, 0)];
  vscode.surroundings.visibleEditors = [textEditor];
  vscode.emitter("onDidChangeTextEditorVisibleRanges").fire({ textEditor });
  select(document);
  diagnose(document);
  for (const kind of ["view", "select", "diagnostics"]) await told(kind);
  vscode.surroundings.windowState = { focused: false, active: false };
  vscode.emitter("onDidChangeWindowState").fire(vscode.surroundings.windowState);
  vscode.surroundings.diagnostics.clear();
  vscode.emitter("onDidChangeDiagnostics").fire({ uris: [document.uri] });
  await told("focus");
  const steps = await sealed(window);
  expect(steps.find(({ kind }) => kind === "view")).toMatchObject({
    path: "one.py",
    visible: [
      { first: 0, last: 0 },
      { first: 2, last: 2 },
    ],
  });
  const codePoints = Array.from(TEXT).length;
  expect(steps.find(({ kind }) => kind === "select")).toMatchObject({ cursor: codePoints });
  const [appeared] = steps.filter(({ kind }) => kind === "diagnostics");
  expect(appeared).toMatchObject({
    appeared: [
      {
        server: "ruff",
        severity: "warning",
        message: `not ${EMOJI}`,
        range: { start: { line: 0, column: 6 }, end: { line: 0, column: 8 } },
      },
    ],
  });
});

test("a terminal's command is sealed with its folder, exit code and output", async () => {
  const { window } = await recording();
  const execution = {
    commandLine: { value: "make test", confidence: 2, isTrusted: true },
    cwd: vscode.Uri.file(window.project),
    read: async function* () {
      yield await Promise.resolve(`1 failed ${EMOJI}\r\n`);
    },
  };
  const terminal = { name: "bash", state: { shell: "bash" } };
  const shellIntegration = { cwd: undefined };
  vscode
    .emitter("onDidStartTerminalShellExecution")
    .fire({ execution, terminal, shellIntegration });
  vscode.emitter("onDidEndTerminalShellExecution").fire({ execution, terminal, exitCode: 2 });
  await told("command");
  const command = (await sealed(window)).find(({ kind }) => kind === "command");
  expect(command).toMatchObject({
    via: "terminal",
    line: "make test",
    cwd: ".",
    shell: "bash",
    exit_code: 2,
    output: { head: `1 failed ${EMOJI}\r\n` },
  });
});

test("a file that is renamed in the explorer is sealed as renamed", async () => {
  const { window } = await recording();
  const [oldUri, newUri] = ["one.py", "three.py"].map((name) =>
    vscode.Uri.file(join(window.project, name)),
  );
  renameSync(join(window.project, "one.py"), join(window.project, "three.py"));
  vscode.emitter("onDidRenameFiles").fire({ files: [{ oldUri, newUri }] });
  await told("rename");
  const rename = (await sealed(window)).find(({ kind }) => kind === "rename");
  expect(rename).toMatchObject({ old_path: "one.py", path: "three.py" });
});

test("nothing is written down while the window is shared with somebody", async () => {
  const changed = new vscode.EventEmitter<object>();
  const window = new Window();
  vscode.surroundings.extensions.set("ms-vsliveshare.vsliveshare", {
    activate: () =>
      Promise.resolve({
        getApi: () => ({ session: { id: null }, onDidChangeSession: changed.event }),
      }),
  });
  window.signoff("enable", window.project, "--yes", "--owner", "mine");
  window.open();
  const document = window.openFile("one.py", TEXT);
  await window.statusReads(/recording/);
  document.append("before");
  await told("edit");
  changed.fire({ session: { id: "7" } });
  await window.statusReads(/paused/);
  document.append("meanwhile");
  await told("edit"); // an answer of the bridge, which comes behind what was sent before
  changed.fire({ session: { id: null } });
  await window.statusReads(/recording/);
  document.append("behind");
  await told("edit", 2);
  const edits = (await sealed(window)).filter(({ kind }) => kind === "edit");
  expect(edits.map(({ text }) => text)).toEqual(["before", "behind"]);
});
