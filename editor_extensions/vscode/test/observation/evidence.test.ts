import type { TextEditorSelectionChangeKind as Kind } from "vscode";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Evidence } from "../../src/observation/evidence";
import { isRestored, whileRestoring } from "../../src/restoring";
import { emitter, type Range, reset, type Selection, surroundings } from "../support/vscode";
import {
  at,
  cursor,
  EMOJI,
  FakeDocument,
  type FakeEditor,
  openEditor,
  range,
  stopTime,
  Told,
} from "./support";

const KEYBOARD = 1 as Kind;
let told: Told;
let document: FakeDocument;
let editor: FakeEditor;
let evidence: Evidence;
let paste: "pasted" | "unclear" | "other";

beforeEach(() => {
  reset();
  const nowMs = stopTime();
  told = new Told();
  document = new FakeDocument();
  editor = openEditor(document);
  paste = "other";
  evidence = new Evidence(told, { takes: () => paste }, nowMs);
});
afterEach(() => {
  evidence.dispose();
  vi.useRealTimers();
});

function change(changes: [Range, string][], reason?: number): void {
  document.version += 1;
  const contentChanges = changes.map(([where, text]) => ({ range: where, text }));
  emitter("onDidChangeTextDocument").fire({ document, contentChanges, reason });
}

function select(selections: Selection[], kind?: Kind, by: FakeEditor = editor): void {
  by.selections = selections;
  emitter("onDidChangeTextEditorSelection").fire({ textEditor: by, selections, kind });
}

function key(character: number, text: string, line = 0): void {
  change([[at(line, character), text]]);
  select([cursor(line, character + text.length)], KEYBOARD);
}

/** What was said once nothing is held back any more. */
function said(): unknown[] {
  vi.advanceTimersByTime(1_000);
  return told.of("signoff/evidence").map(({ version, reason }) => [version, reason]);
}

describe("a key", () => {
  test("is said of a character with a keyboard selection right behind it", () => {
    key(0, "a");
    expect(said()).toEqual([[2, "key"]]);
    expect(told.sent[0]?.[1]).toEqual({
      uri: "file:///p/a.py",
      version: 2,
      reason: "key",
      detail: "insert",
      pressed_ms: Date.now() - 1_000, // `said` let a second go by
    });
  });

  test("is said of characters outside the Basic Multilingual Plane", () => {
    for (const [index, text] of ["😀", "🧪"].entries()) key(2 * index, text);
    expect(said()).toEqual([
      [2, "key"],
      [3, "key"],
    ]);
  });

  test("is said of a bracket that the editor closes", () => {
    change([[at(0, 0), "()"]]);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([[2, "key"]]);
  });

  test("is said once of the same character at several cursors", () => {
    change([
      [at(1, 12), "m"],
      [at(0, 0), "m"],
    ]);
    select([cursor(0, 1), cursor(1, 13)], KEYBOARD);
    expect(said()).toEqual([[2, "key"]]);
  });

  test("is said though the document became dirty in between", () => {
    change([[at(0, 0), "a"]]);
    emitter("onDidChangeTextDocument").fire({ document, contentChanges: [] });
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([[2, "key"]]);
  });

  test("is said though another editor on the same text told of its cursor first", () => {
    const other = openEditor(document, false);
    change([[at(0, 0), "a"]]);
    select([cursor(5, 0)], undefined, other);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([[2, "key"]]);
  });

  test.each([
    ["the selection has no kind, as after a program's edit", undefined],
    ["the mouse made the selection", 2 as Kind],
    ["a command made the selection", 3 as Kind],
  ])("is not said when %s", (_, kind) => {
    change([[at(0, 0), "a"]]);
    select([cursor(0, 1)], kind);
    expect(said()).toEqual([]);
  });

  test("is not said when another selection came first", () => {
    change([[at(0, 0), "a"]]);
    select([cursor(0, 1)]);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([]);
  });

  test("is said only of the last of two changes before the selection", () => {
    change([[at(3, 0), "x"]]);
    change([[at(0, 0), "a"]]);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([[3, "key"]]);
  });

  test("is not said of a change elsewhere, before an arrow key", () => {
    change([[at(7, 3), "a"]]);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([]);
  });

  test("is not said when the selection comes too late to be of the change", () => {
    change([[at(0, 0), "a"]]);
    vi.advanceTimersByTime(201);
    select([cursor(0, 1)], KEYBOARD);
    expect(said()).toEqual([]);
  });

  test.each([
    ["has no focus", { focused: false, active: true }],
    ["nobody has touched for a while", { focused: true, active: false }],
  ])("is not said in a window that %s", (_, state) => {
    surroundings.windowState = state;
    key(0, "a");
    expect(said()).toEqual([]);
  });

  test.each([
    ["more than a key puts in", "word"],
    ["a line that was pasted", "    inli\n"],
    ["nothing: a deletion", ""],
  ])("is not said of %s", (_, text) => {
    change([[at(0, 0), text]]);
    select([cursor(0, text.length)], KEYBOARD);
    expect(said()).toEqual([]);
  });

  test("is not said in an editor that is not the active one", () => {
    const other = openEditor(new FakeDocument("/p/b.py"), false);
    other.document.version += 1;
    emitter("onDidChangeTextDocument").fire({
      document: other.document,
      contentChanges: [{ range: at(0, 0), text: "a" }],
    });
    select([cursor(0, 1)], KEYBOARD, other);
    expect(said()).toEqual([]);
  });

  test("is not said of a document that the bridge is not told of", () => {
    told.untold.add(document as never);
    key(0, "a");
    expect(said()).toEqual([]);
  });

  test("is said with the time at which it was pressed, and the bridge judges how fast", () => {
    for (let index = 0; index < 16; index += 1) {
      key(index, "a");
      vi.advanceTimersByTime(index);
    }
    const pressed = told.of("signoff/evidence").map(({ pressed_ms }) => Number(pressed_ms));
    expect(pressed.map((ms) => ms - (pressed[0] ?? 0))).toEqual(
      Array.from({ length: 16 }, (_, index) => Math.max(0, (index * (index - 1)) / 2)),
    );
  });
});

test("undo and redo are said at once, by VS Code's own reason", () => {
  change([[range(0, 0, 0, 4), ""]], 1);
  change([[at(0, 0), `a${EMOJI}`]], 2);
  expect(told.of("signoff/evidence")).toEqual([
    { uri: "file:///p/a.py", version: 2, reason: "undo" },
    { uri: "file:///p/a.py", version: 3, reason: "redo" },
  ]);
});

test("a keyboard selection behind an undo says nothing more", () => {
  change([[range(0, 0, 0, 1), "b"]], 1);
  select([cursor(0, 1)], KEYBOARD);
  expect(said()).toEqual([[2, "undo"]]);
});

test("a paste is said where the witness knows it, and no key where it is unclear", () => {
  paste = "pasted";
  key(0, "word");
  paste = "unclear";
  key(4, "a");
  expect(said()).toEqual([[2, "paste"]]);
});

describe("a state of the history that is put back", () => {
  test("is said to be one, and nothing else in that document is", async () => {
    await whileRestoring(document.uri, "old", () => {
      change([[at(0, 0), "other"]]);
      change([[at(0, 0), "old"]]);
      return Promise.resolve();
    });
    change([[at(0, 0), "old"]]);
    expect(said()).toEqual([[3, "external"]]);
    expect(told.sent[0]?.[1]).toMatchObject({ reason: "external", detail: "signoff restore" });
  });

  test("is forgotten when the editor refuses it", async () => {
    const refused = whileRestoring(document.uri, "old", () => Promise.reject(new Error("no")));
    await expect(refused).rejects.toThrow("no");
    expect(isRestored(document.uri, [{ text: "old" }])).toBe(false);
  });
});
