import { afterEach, beforeEach, expect, test } from "vitest";

import { OldStates } from "../src/history/old_states";
import { type DayLine, type Group, readDay, TodayView } from "../src/lists/today_view";
import { lasted } from "../src/lasting";
import { makeNews } from "./support/news";
import { makeFolder, writeProgram } from "./support/places";
import { reset, surroundings, Uri } from "./support/vscode";

const AT = { session: "20261122T080000Z-00000001", at: "step:7", t: new Date().toISOString() };
const EMOJI = "\u{1F600}\u{1F9EA}";

let states: OldStates;
let folder: string;

beforeEach(() => {
  reset();
  folder = makeFolder();
  states = new OldStates();
});

afterEach(() => {
  states.dispose();
});

function row(fields: object = {}): Record<string, unknown> {
  return { root: folder, active_s: 4000, ...fields };
}

const labels = (nodes: readonly (Group | DayLine)[]): string[] => nodes.map((one) => one.label);
const children = (node: Group | DayLine | undefined): readonly (Group | DayLine)[] =>
  node !== undefined && "children" in node ? node.children : [];

test("what is open comes first, empty groups are left out, one workspace needs no heading", () => {
  const day = readDay([
    row({
      commits: [{ text: `count ${EMOJI}`, ...AT }],
      red: [{ test: "test_count", ...AT }],
      unsaved: [{ path: "a.py", ...AT }],
      files: [{ path: "a.py", added: 3, removed: 1, ...AT }],
      turned: [{ tests: ["one", "two"], took_s: 65, ...AT }],
      tasks: [],
    }),
  ]);
  expect(labels(day)).toEqual(["Open", "Red \u2192 green", "Commits", "Files"]);
  expect(labels(children(day[0]))).toEqual(["a.py", "test_count"]);
  expect(labels(children(day[1]))).toEqual(["one and 1 more"]);
  expect((children(day[3])[0] as DayLine).detail).toMatch(/\+3 \u22121$/);
});

test("several workspaces are a heading each, those without anything are left out", () => {
  const note = { text: "n", ...AT };
  const day = readDay([
    row({ root: "/p/one", notes: [note] }),
    row({ root: "/p/two" }),
    row({ root: "/p/three", notes: [note] }),
  ]);
  expect(labels(day)).toEqual(["one", "three"]);
  expect(labels(children(day[0]))).toEqual(["Notes"]);
});

test("recorded text hides nothing, and strange rows are read without a fault", () => {
  const strange = [{}, row({ notes: 1, files: [1, null, {}], turned: [{ tests: 3 }] })];
  expect(() => readDay(strange)).not.toThrow();
  const [group] = readDay([row({ notes: [{ text: "a\u202Eb\nc", ...AT }] })]);
  expect(labels(children(group))).toEqual(["a\u00b7b\u00b7c"]);
});

test("a line without a file is replayed; one that is not of the view does nothing", async () => {
  const rows = JSON.stringify(row({ commits: [{ text: "count", ...AT }] }));
  const path = writeProgram(`${folder}/signoff`, `cat <<'ROWS'\n${rows}\nROWS`);
  const view = new TodayView(() => Promise.resolve({ path, version: "0.1.0" }), states, makeNews());
  const [group] = await view.getChildren();
  const [commit] = await view.getChildren(group);
  for (const foreign of [{ ...commit }, group, undefined, "x"]) await view.open(foreign);
  expect(surroundings.terminals).toEqual([]);
  await view.open(commit);
  expect(surroundings.terminals).toMatchObject([
    { options: { shellArgs: ["replay", AT.session, "--from", AT.at], isTransient: true } },
  ]);
  view.dispose();
});

test("a line of a file shows what it was against what it is", async () => {
  const rows = JSON.stringify(row({ files: [{ path: "signoff", ...AT }] }));
  const path = writeProgram(
    `${folder}/signoff`,
    `case "$1" in
  today) cat <<'ROWS'\n${rows}\nROWS
;;
  restore) while [ "$1" != --to ]; do shift; done; printf 'old' > "$2";;
esac`,
  );
  const view = new TodayView(() => Promise.resolve({ path, version: "0.1.0" }), states, makeNews());
  const [group] = await view.getChildren();
  await view.open((await view.getChildren(group))[0]);
  const [name, before, now] = surroundings.executed.at(-1) as [string, Uri, Uri];
  expect([name, now.fsPath]).toEqual(["vscode.diff", path]);
  expect(states.provideTextDocumentContent(before as never)).toBe("old");
  view.dispose();
});

test("a stretch of time is told in its two largest units", () => {
  expect([0, 59, 60, 3600, 7380, "x"].map(lasted)).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "1 h 0 min",
    "2 h 3 min",
    "0 s",
  ]);
});
