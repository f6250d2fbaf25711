import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";

import { enableHere } from "../src/enabling";
import { readStanding } from "../src/standing";
import { StandingPage } from "../src/standing_page";
import { StatusItem } from "../src/status_item";
import { makeFolder, writeProgram } from "./support/places";
import { makeDouble } from "./support/signoff_double";
import { type MarkdownString, reset, surroundings, Uri } from "./support/vscode";

const EMOJI = "\u{1F600}\u{1F9EA}";
const WORDS = {
  question: `Record in /p ${EMOJI}?`,
  brief: [{ head: "What", text: "edits" }],
  notice: "the whole notice",
  never: "never secrets",
};

let log: string;

beforeEach(reset);

/** A program that explains and stores an opt-in in an open folder; it notes how it was called. */
function makeProgram(): string {
  const folder = makeFolder();
  log = join(folder, "calls");
  surroundings.folders = [{ uri: Uri.file(folder), name: "p", index: 0 }];
  return writeProgram(
    join(folder, "signoff"),
    `case "$*" in *--explain*) cat <<'ROWS'\n${JSON.stringify(WORDS)}\nROWS\n;; *) : > '${log}';; esac`,
  );
}

function isStored(): boolean {
  return existsSync(log);
}

test("an opt-in is asked in short, in full on request, and Details agrees to nothing", async () => {
  const program = makeProgram();
  const answers = ["Details", "Leave it off"];
  surroundings.answer = () => answers.shift();
  expect(await enableHere(program)).toBe(false);
  expect(isStored()).toBe(false);
  expect(surroundings.shown).toMatchObject([
    { isModal: true, detail: "What: edits", choices: ["Leave it off", "Details", "Record here"] },
    { isModal: true, choices: ["Leave it off", "Record here"] },
  ]);
  expect(surroundings.shown.map((one) => one.text)).toEqual([WORDS.question, WORDS.question]);
  expect(surroundings.shown[1]?.detail).toBe("the whole notice\n\nnever secrets");
});

test.each([[["Record here"]], [["Details", "Record here"]]])(
  "an opt-in is stored behind %j",
  async (answers) => {
    const program = makeProgram();
    surroundings.answer = () => answers.shift();
    expect(await enableHere(program)).toBe(true);
    expect(isStored()).toBe(true);
  },
);

test("an opt-in that cannot be explained is not asked for", async () => {
  const double = makeDouble();
  surroundings.folders = [{ uri: Uri.file("/p"), name: "p", index: 0 }];
  double.breakWith("the home is full");
  expect(await enableHere(double.path)).toBe(false);
  expect(surroundings.shown).toMatchObject([{ how: "warning", text: "Signoff: the home is full" }]);
});

test("the hover runs its own links and nothing that recorded text brings", () => {
  const item = new StatusItem("signoff.menu");
  const task = `mend [it](command:workbench.action.quit) ${EMOJI}`;
  const workspaces = [{ root: "/p", state: "recording", session: "1", task }];
  for (const [life, names] of [
    [{ kind: "running" }, ["today", "showCaptured", "whatIsRecorded", "pauseTenMinutes", "menu"]],
    [{ kind: "starting" }, ["menu"]],
  ] as const) {
    item.show(life, readStanding({ recording: true, workspaces }));
    const { tooltip } = surroundings.statusItems.at(-1) as { tooltip: MarkdownString };
    const enabledCommands = names.map((name) => `signoff.${name}`);
    expect(tooltip.isTrusted).toEqual({ enabledCommands });
    const links = [...tooltip.value.matchAll(/\]\(command:(signoff[^)]*)\)/g)];
    expect(links.map(([, command]) => command)).toEqual(enabledCommands);
  }
  item.dispose();
});

test("what is recorded is asked anew for an open page only when a folder's state changed", async () => {
  const double = makeDouble();
  const page = new StandingPage();
  await page.show(double.path);
  const text = "what is recorded \u{1F388}\u{1F600}\n";
  expect(page.provideTextDocumentContent()).toBe(text);
  const find = () => Promise.resolve({ path: double.path, version: "0.1.0" });
  const standing = readStanding({ workspaces: [{ root: "/p", state: "recording" }] });
  let asked = 0;
  const counted = () => ((asked += 1), find());
  page.follow(standing, counted);
  expect(asked).toBe(0); // the page is not open
  surroundings.documents = [{ uri: Uri.parse("signoff-status:What is recorded") }];
  page.follow(standing, counted);
  expect(asked).toBe(0); // nothing changed
  page.follow(readStanding({ workspaces: [{ root: "/p", state: "paused" }] }), counted);
  expect(asked).toBe(1);
  double.breakWith("the home is gone");
  await page.show(double.path);
  expect(surroundings.shown.at(-1)?.text).toBe("Signoff: the home is gone");
  expect(page.provideTextDocumentContent()).toBe(text);
  page.dispose();
});
