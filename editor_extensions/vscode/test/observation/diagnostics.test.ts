import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Diagnostics } from "../../src/observation/diagnostics";
import { Diagnostic, emitter, reset, surroundings, Uri } from "../support/vscode";
import { EMOJI, FakeDocument, range, stopTime, Told } from "./support";

const URI = "file:///p/a.py";
let told: Told;
let diagnostics: Diagnostics;

beforeEach(() => {
  reset();
  stopTime();
  told = new Told();
  new FakeDocument();
  diagnostics = new Diagnostics(told);
  vi.advanceTimersByTime(250);
});
afterEach(() => {
  diagnostics.dispose();
  vi.useRealTimers();
});

function find(found: Diagnostic[], uri = URI): void {
  surroundings.diagnostics.set(uri, found);
  emitter("onDidChangeDiagnostics").fire({ uris: [Uri.parse(uri)] });
}

function finding(message: string, source?: string): Diagnostic {
  const one = new Diagnostic(range(1, 4, 1, 9), message, 1);
  if (source !== undefined) one.source = source;
  return one;
}

test("the whole set is told, of all providers, and its end", () => {
  const linted = finding(`unused ${EMOJI}`, "ruff");
  linted.code = { value: "F841" };
  find([linted, finding("no type", "pyright")]);
  vi.advanceTimersByTime(250);
  find([]);
  vi.advanceTimersByTime(250);
  const place = { start: { line: 1, character: 4 }, end: { line: 1, character: 9 } };
  expect(told.of("signoff/diagnostics")).toEqual([
    {
      uri: URI,
      version: 1,
      items: [
        { range: place, severity: 2, source: "ruff", code: "F841", message: `unused ${EMOJI}` },
        { range: place, severity: 2, source: "pyright", message: "no type" },
      ],
      left_out: 0,
    },
    { uri: URI, version: 1, items: [], left_out: 0 },
  ]);
});

test("changes are told at most 4 times a second, and the last set always", () => {
  for (let turn = 0; turn < 100; turn += 1) {
    find([finding(`turn ${turn}`)]);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(250);
  const sets = told.of("signoff/diagnostics");
  expect(sets.length).toBeLessThanOrEqual(5);
  expect(sets.at(-1)?.["items"]).toMatchObject([{ message: "turn 99" }]);
});

test("the same set again, and an empty one at first, are not told", () => {
  find([]);
  vi.advanceTimersByTime(250);
  find([finding("same")]);
  vi.advanceTimersByTime(250);
  find([finding("same")]);
  vi.advanceTimersByTime(250);
  expect(told.of("signoff/diagnostics")).toHaveLength(1);
});

test("200 items of 2,000 characters are told, and how many were left out", () => {
  find(Array.from({ length: 260 }, (_, index) => finding(`${index} `.padEnd(5_000, "x"))));
  vi.advanceTimersByTime(250);
  const [set] = told.of("signoff/diagnostics");
  const items = set?.["items"] as { message: string }[];
  expect(items).toHaveLength(200);
  expect(items[0]?.message).toHaveLength(2_000);
  expect(set?.["left_out"]).toBe(60);
  expect(JSON.stringify(set).length).toBeLessThan(1 << 20);
});

test("an open file is found among all those of a project", () => {
  surroundings.diagnostics.set(URI, [finding("open")]);
  const others = Array.from({ length: 1_000 }, (_, index) => Uri.file(`/p/closed_${index}.py`));
  emitter("onDidChangeDiagnostics").fire({ uris: [...others, Uri.parse(URI)] });
  vi.advanceTimersByTime(250);
  expect(told.of("signoff/diagnostics")).toMatchObject([{ items: [{ message: "open" }] }]);
});

test("nothing is told of files that are not open, or no files", () => {
  find([finding("closed")], "file:///p/other.py");
  find([finding("virtual")], "untitled:Untitled-1");
  vi.advanceTimersByTime(250);
  expect(told.sent).toEqual([]);
});
