import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { changedSpan } from "../src/history/changed_span";
import { showFileHistory } from "../src/history/file_history";
import { findInHistory, nearestLine } from "../src/history/finding";
import { OLD_STATE_SCHEME, OldStates } from "../src/history/old_states";
import { linear } from "../src/history/rows";
import { DEADLINE_MS, makeFolder, writeProgram } from "./support/places";
import { emitter, Position, reset, type Showing, surroundings, Uri } from "./support/vscode";

const EMOJI = "\u{1F600}\u{1F9EA}";
const POINT = {
  session: "20261122T080000Z-00000001",
  view: "live",
  at: "step:7",
  t: "2026-11-22T08:00:00+00:00",
  why: "saved $(trash) \u202Eevil",
  added: 3,
  removed: 1,
  size_bytes: 9,
};
const HIT = {
  ...POINT,
  n: 1,
  kind: "edit",
  path: "a.py",
  line: 2,
  deleted: true,
  text: "def lost",
};

let states: OldStates;
let folder: string;

beforeEach(() => {
  reset();
  folder = makeFolder();
  states = new OldStates();
});

afterEach(() => {
  vi.unstubAllEnvs();
  states.dispose();
});

interface Program {
  readonly path: string;
  readonly calls: () => string[];
}

/** Make a program that lists these rows, and whose old states are all this text. */
function program(rows: readonly object[], old = ""): Program {
  const log = join(folder, "calls");
  const path = writeProgram(
    join(folder, "bin", "signoff"),
    `
echo "$PWD|$*" >> '${log}'
case "$*" in
  *--to*) while [ "$1" != --to ]; do shift; done; cat > "$2" <<'OLD'
${old}
OLD
;;
  *--json*) cat <<'ROWS'
${rows.map((row) => JSON.stringify(row)).join("\n")}
ROWS
;;
  today*) echo "## ${EMOJI}";;
esac`,
  );
  return { path, calls: () => readFileSync(log, "utf8").trim().split("\n") };
}

function failing(): string {
  const says = `echo "error: nothing was recorded of a.py" >&2; exit 10`;
  return writeProgram(join(folder, "bin", "failing"), says);
}

/** Open a document in the editor; its positions are offsets of one long line. */
function open(text: string, isDirty: boolean): void {
  const uri = Uri.file(join(folder, "a.py"));
  const positionAt = (offset: number): Position => new Position(0, offset);
  const document = { uri, isDirty, eol: 1, encoding: "utf8", getText: () => text, positionAt };
  surroundings.documents.push(document);
  surroundings.activeEditor = { document };
}

function answer(answers: Readonly<Record<string, string | number>>): void {
  surroundings.answer = ({ how, isModal, choices }: Showing) => {
    const given = answers[isModal ? "modal" : how];
    return typeof given === "number" ? choices[given] : given;
  };
}

const applied = () => surroundings.edits.flatMap((edit) => edit.replaced);
const modals = () => surroundings.shown.filter((one) => one.isModal);

test("the state that is chosen is shown as a difference and put into the document", async () => {
  vi.stubEnv("TMPDIR", folder);
  const { path, calls } = program([POINT], `one ${EMOJI}\ntwo`);
  open(`one \u{1F600}\ntwo\n`, false);
  answer({ quickPick: 0 });
  surroundings.look = () =>
    vi.waitFor(() => {
      expect(surroundings.executed).toHaveLength(1);
    }, DEADLINE_MS);
  await showFileHistory(path, states);
  expect(applied()).toMatchObject([
    { text: "\u{1F9EA}", range: { start: { character: 6 }, end: { character: 6 } } },
  ]);
  expect(modals()).toEqual([]);
  const [diff] = surroundings.executed;
  expect(diff?.[0]).toBe("vscode.diff");
  expect((diff?.[1] as Uri).scheme).toBe(OLD_STATE_SCHEME);
  expect((diff?.[2] as Uri).scheme).toBe("file");
  expect(calls()[1]).toContain(`restore --session ${POINT.session} --at step:7 --to `);
  expect(calls()[1]).toContain(`--to ${folder}/`);
  expect(readdirSync(folder).sort()).toEqual(["bin", "calls"]);
});

test("what lay on disk under an unsaved text is asked for as that", async () => {
  const { path, calls } = program([{ ...POINT, disk: true }], "old");
  open("text\n", false);
  answer({ quickPick: 0 });
  await showFileHistory(path, states);
  expect(calls()[1]).toContain(" --disk -- ");
});

test("what is chosen before its difference is at hand opens none", async () => {
  const { path, calls } = program([POINT], "old");
  open("text\n", false);
  answer({ quickPick: 0 });
  await showFileHistory(path, states);
  expect(applied()).toHaveLength(1);
  expect(calls()).toHaveLength(3);
  expect(surroundings.executed).toEqual([]);
});

test("unsaved text is replaced only after a modal whose first answer leaves it", async () => {
  const { path } = program([POINT], "old");
  open("unsaved\n", true);
  for (const modal of ["", "Leave it"]) {
    answer({ quickPick: 0, modal });
    await showFileHistory(path, states);
  }
  expect(applied()).toEqual([]);
  expect(modals()[0]?.choices).toEqual(["Leave it", "Replace"]);
  answer({ quickPick: 0, modal: "Replace" });
  await showFileHistory(path, states);
  expect(applied()).toHaveLength(1);
});

test("looking and leaving changes nothing", async () => {
  const { path, calls } = program([POINT], "old");
  open("text\n", false);
  await showFileHistory(path, states);
  expect(surroundings.shown.map((one) => one.how)).toEqual(["progress", "quickPick"]);
  expect(applied()).toEqual([]);
  expect(calls()).toHaveLength(1);
});

test("a list that was cut offers the older ones", async () => {
  const { path, calls } = program(Array.from({ length: 30 }, () => POINT));
  open("text\n", false);
  surroundings.answer = ({ how, choices }) =>
    how === "quickPick" && choices.length === 31 ? choices[30] : undefined;
  await showFileHistory(path, states);
  expect(calls().map((call) => call.includes("--all"))).toEqual([false, true]);
});

test("without a file there is nothing to ask", async () => {
  surroundings.activeEditor = { document: { uri: Uri.parse("untitled:Untitled-1") } };
  await showFileHistory(failing(), states);
  expect(surroundings.shown.map((one) => one.text)).toEqual([
    "Signoff: no file is active; open the one whose history you want.",
  ]);
});

test("what the program complains of is said", async () => {
  open("text\n", false);
  await showFileHistory(failing(), states);
  expect(surroundings.shown.at(-1)?.text).toBe("Signoff: nothing was recorded of a.py");
});

test("what was deleted opens as it was, in a document that is no file", async () => {
  const { path, calls } = program([{ ...HIT, root: folder }], `a ${EMOJI}\ndef lost():\nb`);
  surroundings.folders = [{ uri: Uri.file(folder), name: "p", index: 0 }];
  answer({ inputBox: " def lost ", quickPick: "def lost" });
  await findInHistory(path, states);
  expect(calls()[0]).toBe(`${folder}|find --json -- def lost`);
  const { document } = surroundings.activeEditor as { document: { uri: Uri; getText(): string } };
  expect(document.uri.scheme).toBe(OLD_STATE_SCHEME);
  expect(document.uri.path).toBe(join(folder, "a.py"));
  expect(document.getText()).toBe(`a ${EMOJI}\ndef lost():\nb\n`);
});

test("what is still there opens in its file", async () => {
  writeProgram(join(folder, "a.py"), "def lost");
  const { path } = program([{ ...HIT, deleted: false, root: folder }]);
  answer({ inputBox: "def lost", quickPick: "def lost" });
  await findInHistory(path, states);
  const { document } = surroundings.activeEditor as { document: { uri: Uri } };
  expect(document.uri.toString()).toBe(Uri.file(join(folder, "a.py")).toString());
});

test("what was said in no file opens in a replay that nobody reads", async () => {
  const said = { ...HIT, kind: "note", path: null, line: null, deleted: false, root: folder };
  const { path } = program([said]);
  answer({ inputBox: "lost", quickPick: "def lost" });
  await findInHistory(path, states);
  expect(surroundings.terminals).toMatchObject([
    {
      options: {
        shellPath: path,
        shellArgs: ["replay", HIT.session, "--from", "step:7"],
        isTransient: true,
        strictEnv: true,
      },
    },
  ]);
});

test("without a folder all workspaces are searched, and Escape asks nothing", async () => {
  const { path, calls } = program([HIT]);
  await findInHistory(path, states);
  answer({ inputBox: "--raw" });
  await findInHistory(path, states);
  expect(calls().map((call) => call.split("|")[1])).toEqual(["find --json --everywhere -- --raw"]);
});

test("an old state is forgotten when its document is closed", async () => {
  const { uri } = await states.named("Today.md", EMOJI);
  emitter("onDidCloseTextDocument").fire({ uri });
  await vi.waitFor(() => {
    expect(states.provideTextDocumentContent(uri)).toBe("");
  });
});

test("recorded text in a list shows no icon and hides nothing", () => {
  expect(linear(`$(trash)\u202E\u200B\x1b[8m\n${EMOJI}`)).toBe(
    `\\$(trash)\u00b7\u00b7\u00b7[8m\u00b7${EMOJI}`,
  );
});

test("the nearest line that holds the text is meant, else the one it was on", () => {
  const text = "needle\nx\r\nx\nNeedle\nx";
  expect(nearestLine(text, "needle", 2)).toBe(3);
  expect(nearestLine(text, "needle", 0)).toBe(0);
  expect(nearestLine(text, "gone", 2)).toBe(2);
  expect(nearestLine(text, "gone", 99)).toBe(4);
});

const TEXTS = ["", "a", "\r\n", "\n", "\u{1F600}", "\u{1F9EA}", "a\r\nb\r\n", "\u{1F601}a\n"];

test("a changed span leads from any text to any other and splits no character", () => {
  const all = TEXTS.flatMap((one) => TEXTS.map((other) => one + other));
  for (const before of all) {
    for (const after of all) {
      const span = changedSpan(before, after) ?? { start: 0, end: 0, text: "" };
      const head = before.slice(0, span.start);
      expect(head + span.text + before.slice(span.end)).toBe(after);
      expect(`${head}|${span.text}|${before.slice(span.end)}`).not.toMatch(
        /[\ud800-\udbff]\||\|[\udc00-\udfff]|\r\|\n/,
      );
    }
  }
});
