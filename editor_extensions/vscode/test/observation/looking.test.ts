import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Focus } from "../../src/observation/focus";
import { Looking } from "../../src/observation/looking";
import {
  emitter,
  Position,
  reset,
  Selection,
  surroundings,
  TabInputTerminal,
} from "../support/vscode";
import {
  cursor,
  FakeDocument,
  type FakeEditor,
  openEditor,
  range,
  stopTime,
  Told,
} from "./support";

let told: Told;
let editor: FakeEditor;
const observers: { dispose(): void }[] = [];

beforeEach(() => {
  reset();
  stopTime();
  told = new Told();
  editor = openEditor(new FakeDocument());
});
afterEach(() => {
  for (const one of observers.splice(0)) one.dispose();
  vi.useRealTimers();
});

function look(): void {
  observers.push(new Looking(told));
  vi.advanceTimersByTime(250);
}

function scroll(first: number, last: number, character = 0): void {
  editor.visibleRanges = [range(first, 0, last, character)];
  emitter("onDidChangeTextEditorVisibleRanges").fire({ textEditor: editor });
}

function select(selections: Selection[]): void {
  editor.selections = selections;
  emitter("onDidChangeTextEditorSelection").fire({ textEditor: editor, selections });
}

test("what is visible at the start is told", () => {
  look();
  expect(told.of("signoff/view")).toEqual([
    { uri: "file:///p/a.py", version: 1, ranges: [[0, 40]] },
  ]);
});

test("folds and windows each have their range", () => {
  const split = openEditor(editor.document, false);
  split.visibleRanges = [range(90, 0, 120, 3)];
  editor.visibleRanges = [range(0, 0, 5, 9), range(12, 0, 30, 0)];
  openEditor(new FakeDocument("/p/b.py"), false);
  look();
  const [view] = told.of("signoff/view");
  expect(view?.["ranges"]).toEqual([[0, 5], [12, 30], [90, 120]]); // prettier-ignore
});

test("scrolling is told at most 4 times a second, and the last place always", () => {
  look();
  for (let line = 1; line <= 100; line += 1) {
    scroll(line, line + 40);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(250);
  const views = told.of("signoff/view");
  expect(views.length).toBeLessThanOrEqual(6);
  expect(views.at(-1)?.["ranges"]).toEqual([[100, 140]]);
});

test("a line that grows with every key is no other view", () => {
  look();
  for (let character = 1; character < 9; character += 1) {
    scroll(0, 40, character);
    vi.advanceTimersByTime(250);
  }
  expect(told.of("signoff/view")).toHaveLength(1);
});

test("a cursor is told alone, a selection with its ends, at most 10 times a second", () => {
  look();
  for (let character = 0; character < 50; character += 1) {
    select([cursor(2, character)]);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(100);
  expect(told.of("signoff/select").length).toBeLessThanOrEqual(6);
  expect(told.of("signoff/select").at(-1)).toEqual({
    uri: "file:///p/a.py",
    version: 1,
    cursor: { line: 2, character: 49 },
    selections: [],
  });
  select([new Selection(new Position(4, 2), new Position(3, 1)), cursor(9, 0)]);
  vi.advanceTimersByTime(100);
  expect(told.of("signoff/select").at(-1)).toMatchObject({
    cursor: { line: 3, character: 1 },
    selections: [
      { start: { line: 3, character: 1 }, end: { line: 4, character: 2 } },
      { start: { line: 9, character: 0 }, end: { line: 9, character: 0 } },
    ],
  });
});

test("nothing is told of a document that the bridge has not, nor after the end", () => {
  openEditor(new FakeDocument("Untitled-1", "untitled"), false);
  told.untold.add(editor.document as never);
  look();
  select([cursor(1, 1)]);
  vi.advanceTimersByTime(1_000);
  told.untold.clear();
  scroll(9, 10);
  observers.splice(0).forEach((one) => {
    one.dispose();
  });
  vi.advanceTimersByTime(1_000);
  expect(told.sent).toEqual([]);
});

test("tabs are told by where one ends up, at most 10 times a second", () => {
  observers.push(new Focus(told));
  const other = openEditor(new FakeDocument("/p/b.py"), false);
  for (let turn = 0; turn < 40; turn += 1) {
    surroundings.activeEditor = undefined;
    emitter("onDidChangeActiveTextEditor").fire(undefined);
    surroundings.activeEditor = turn % 2 === 0 ? editor : other;
    emitter("onDidChangeActiveTextEditor").fire(surroundings.activeEditor);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(100);
  const focuses = told.of("signoff/focus");
  expect(focuses.length).toBeLessThanOrEqual(5);
  expect(focuses.at(-1)).toEqual({ gained: true, to: "editor", uri: "file:///p/b.py" });
});

test("leaving the window and a terminal's tab are told, and an unsaved document has no name", () => {
  observers.push(new Focus(told));
  const change = (name: string): void => {
    emitter(name).fire({ opened: [], closed: [], changed: [{ isActive: true }] });
    vi.advanceTimersByTime(100);
  };
  change("onDidChangeWindowState");
  surroundings.windowState = { focused: false, active: false };
  change("onDidChangeWindowState");
  change("onDidChangeWindowState");
  surroundings.windowState = { focused: true, active: true };
  surroundings.activeTab = { input: new TabInputTerminal() };
  change("onDidChangeTabs");
  surroundings.activeTab = { input: {} };
  surroundings.activeEditor = openEditor(new FakeDocument("Untitled-1", "untitled"));
  change("onDidChangeTabs");
  surroundings.activeEditor = undefined;
  change("onDidChangeTabs");
  expect(told.of("signoff/focus")).toEqual([
    { gained: true, to: "editor", uri: "file:///p/a.py" },
    { gained: false, to: "other" },
    { gained: false, to: "terminal" },
    { gained: true, to: "editor" },
    { gained: false, to: "other" },
  ]);
});
