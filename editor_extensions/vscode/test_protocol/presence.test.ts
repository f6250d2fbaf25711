import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

import { makeFolder, writeProgram } from "../test/support/places";
import * as vscode from "../test/support/vscode";
import { answerWith, modals, openedList, PROGRAM, until, Window } from "./support/window";

const TEXT = "def count(\u{1F388}):\n    return '\u{1F600}'\n";

function enabled(window: Window): void {
  window.signoff("enable", window.project, "--yes", "--owner", "mine");
}

async function recordingWindow(program = PROGRAM): Promise<Window> {
  const window = new Window(program);
  enabled(window);
  window.open();
  const document = window.openFile("count.py", TEXT);
  await window.statusReads(/recording/);
  document.append("x\u{1F388}\u{1F600}");
  await until(async () => {
    expect(await captured()).toContainEqual(expect.objectContaining({ label: "edit in count.py" }));
  });
  return window;
}

interface Tree {
  getTreeItem(node: unknown): vscode.TreeItem;
}

function tree(): Tree {
  return vscode.surroundings.trees.get("signoff.captured") as Tree;
}

/** What the view shows, newest first. */
async function captured(): Promise<{ node: unknown; label: string }[]> {
  const nodes = await openedList<unknown>("captured");
  return nodes.map((node) => ({ node, label: tree().getTreeItem(node).label }));
}

test("without a file nothing is started, and with one it says off until it is asked for", async () => {
  const window = new Window();
  window.open();
  expect(window.statusText).toBe("$(circle-outline) Signoff");
  window.openFile("count.py", TEXT);
  await window.statusReads(/Signoff: off/);
  expect(modals()).toEqual([]);
});

test("what is recorded is shown with its steps, and pausing stops it", async () => {
  const window = await recordingWindow();
  await window.command("pauseTenMinutes");
  await window.statusReads(/paused/);
  answerWith("Stay paused");
  await window.command("resume");
  await window.statusReads(/paused/);
  answerWith("Resume");
  await window.command("resume");
  await window.statusReads(/recording/);
  expect(modals().map((one) => one.choices[0])).toEqual(["Stay paused", "Stay paused"]);
});

test("no command of the server becomes one of the editor", async () => {
  await recordingWindow();
  const { contributes } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { contributes: { commands: { command: string }[] } };
  const declared = contributes.commands.map((one) => one.command);
  expect([...vscode.surroundings.commands.keys()].sort()).toEqual(declared.sort());
});

test("nobody forgets for the person: the harmless answer is first and the default", async () => {
  const window = await recordingWindow();
  await window.command("forgetFiveMinutes");
  answerWith("Keep it");
  await window.command("forgetFiveMinutes");
  expect(modals()).toHaveLength(2);
  expect(modals()[0]?.choices[0]).toBe("Keep it");
  expect(await captured()).toContainEqual(expect.objectContaining({ label: "edit in count.py" }));
  answerWith("Forget");
  await window.command("forgetFiveMinutes");
  expect(await captured()).not.toContainEqual(
    expect.objectContaining({ label: "edit in count.py" }),
  );
});

test("one captured entry can be deleted, after a question, and only one that is shown", async () => {
  const window = await recordingWindow();
  const [found] = (await captured()).filter((one) => one.label === "edit in count.py");
  const { node } = found ?? {};
  answerWith("Delete");
  const { entry } = node as { entry: object };
  await window.command("captured.delete", { entry: { ...entry } });
  expect(modals()).toEqual([]);
  answerWith("Keep it");
  await window.command("captured.delete", node);
  expect(modals().map((one) => one.choices[0])).toEqual(["Keep it"]);
  answerWith("Delete");
  await window.command("captured.delete", node);
  const left = await captured();
  expect(left).not.toEqual([]);
  expect(left.map((one) => one.label)).not.toContain("edit in count.py");
});

test("enabling asks in one modal with one way out, in full on request, and is stored as asked here", async () => {
  const window = new Window();
  window.open();
  window.openFile("count.py", TEXT);
  await window.statusReads(/off/);
  answerWith("Leave it off");
  await window.command("enable");
  expect(modals()[0]?.choices).toEqual(["Leave it off", "Details", "Record here"]);
  expect(modals()[0]?.text).toBe(`Record in ${window.project}?`);
  expect(
    modals()[0]
      ?.detail?.split("\n\n")
      .map((line) => line.split(":")[0]),
  ).toEqual(["Recorded for 30 days", "Never", "It stays"]);
  vscode.surroundings.answer = ({ choices }) => choices.find((one) => one === "Details");
  await window.command("enable");
  expect(modals().at(-1)?.detail).toMatch(/What never is:\n.*\.env/);
  expect(modals().at(-1)?.choices).toEqual(["Leave it off", "Record here"]);
  expect(window.signoff("status", "--json")).toContain('"recorded": false');
  answerWith("Record here");
  await window.command("enable");
  await window.statusReads(/recording/);
  expect(modals().every(({ how }) => how === "information")).toBe(true);
  expect(window.signoff("status", "--json")).toMatch(/vscode/);
});

test("a live session is sealed and opens for review", async () => {
  const window = await recordingWindow();
  vscode.surroundings.answer = ({ how, choices }) => (how === "quickPick" ? choices[0] : undefined);
  await window.command("reviewInTerminal");
  expect(vscode.surroundings.terminals).toHaveLength(1);
  const [terminal] = vscode.surroundings.terminals as { options: { shellArgs: string[] } }[];
  const [verb, episode, mode] = terminal?.options.shellArgs ?? [];
  expect([verb, mode]).toEqual(["review", "--terminal"]);
  expect(window.signoff("check", String(episode))).toMatch(/match/);
});

test("documents that are no files are never told to the program", async () => {
  const log = join(makeFolder(), "told");
  const program = writeProgram(
    join(makeFolder(), "signoff"),
    `if [ "$1" = lsp ]; then tee '${log}' | '${PROGRAM}' lsp; else exec '${PROGRAM}' "$@"; fi`,
  );
  const window = await recordingWindow(program);
  const secret = `never-told-${Math.random().toString(36).slice(2)}`;
  for (const address of ["untitled:Untitled-1", "vscode-vfs://host/a.py", "git:/a.py"]) {
    window.openDocument(vscode.Uri.parse(address), secret).append(`${secret}\u{1F388}`);
  }
  window.openFile("later.py", TEXT).append("told-\u{1F600}");
  await until(() => {
    expect(readFileSync(log, "utf8")).toContain("told-\u{1F600}");
  });
  expect(readFileSync(log, "utf8")).not.toContain(secret);
});

test("a workspace cannot have what is typed written to a log", async () => {
  const made = vi.spyOn(vscode.window, "createOutputChannel");
  const window = new Window();
  vscode.surroundings.configuration["signoff.trace.server"] = "verbose";
  enabled(window);
  window.open();
  window.openFile("count.py", TEXT).append("x\u{1F388}");
  await window.statusReads(/recording/);
  expect(made).not.toHaveBeenCalled();
});

test("words are kept as a task, and only while it records", async () => {
  const window = await recordingWindow();
  answerWith("mend the count \u{1F388}\u{1F600}");
  await window.command("task");
  await until(async () => {
    const labels = (await captured()).map((one) => one.label);
    expect(labels).toContainEqual(expect.stringMatching(/mend the count/));
  });
  await window.command("pause");
  await window.statusReads(/paused/);
  await window.command("note");
  expect(vscode.surroundings.shown.at(-1)?.text).toMatch(/would not be kept/);
});

test("between sessions nothing is listed or claimed, and the next change begins one", async () => {
  const window = await recordingWindow();
  await window.command("stop");
  await window.statusReads(/idle/);
  expect(await captured()).toEqual([]);
  window.openFile("later.py", TEXT).append("\u{1F388}\u{1F600}");
  await window.statusReads(/recording/);
  await until(async () => {
    expect(await captured()).toContainEqual(expect.objectContaining({ label: "edit in later.py" }));
  });
});

test("what is deleted of a file that is still open is begun again from its text", async () => {
  const window = await recordingWindow();
  answerWith("Delete");
  const opened = (await captured()).find((one) => one.label === "opened count.py");
  await window.command("captured.delete", opened?.node);
  expect(modals().at(-1)?.detail).toMatch(/while the file is open, recording goes on/);
  await until(async () => {
    const labels = (await captured()).map((one) => one.label);
    expect(labels).toContain("began from the text of count.py");
    expect(labels).not.toContain("opened count.py");
  });
});

test("private mode is shown as such", async () => {
  const window = await recordingWindow();
  await window.command("private");
  await window.statusReads(/private/);
});

test("switched off mid-session, the bridge ends and the session's data stay", async () => {
  const pids = join(makeFolder(), "pids");
  const program = countedProgram(pids, `exec '${PROGRAM}' "$@"`);
  const window = await recordingWindow(program);
  const [pid] = readPids(pids);
  await window.close();
  await until(() => {
    expect(isAlive(Number(pid))).toBe(false);
  });
  expect(window.signoff("status", "--json")).toMatch(/"edit": \d/);
});

test("a bridge that is killed comes back, five times, and then it is said once", async () => {
  const pids = join(makeFolder(), "pids");
  const window = await recordingWindow(countedProgram(pids, `exec '${PROGRAM}' "$@"`));
  for (let killed = 1; killed <= 6; killed += 1) {
    await until(() => {
      expect(readPids(pids)).toHaveLength(killed);
    });
    await window.statusReads(/recording|off/);
    process.kill(Number(readPids(pids)[killed - 1]), "SIGKILL");
    await window.statusReads(/^\$\((circle-outline|warning)\) Signoff$/);
  }
  await window.statusReads(/\$\(warning\)/);
  const said = vscode.surroundings.shown.filter((one) => one.text.includes("ended 6 times"));
  expect(said).toHaveLength(1);
  expect(readPids(pids)).toHaveLength(6);
  await window.command("restart");
  await window.statusReads(/recording|off/);
});

test("a program that ends at once is given up, too", async () => {
  const pids = join(makeFolder(), "pids");
  const window = new Window(countedProgram(pids, "exit 1"));
  window.open();
  window.openFile("count.py", TEXT);
  await window.statusReads(/\$\(warning\)/);
  expect(readPids(pids)).toHaveLength(6);
  expect(vscode.surroundings.shown.filter((one) => one.how === "error")).toEqual([]);
});

/** A program that notes the process id of each bridge, and then does what the script says. */
function countedProgram(pids: string, script: string): string {
  return writeProgram(
    join(makeFolder(), "signoff"),
    `[ "$1" = lsp ] || exec '${PROGRAM}' "$@"\necho $$ >> '${pids}'\n${script}`,
  );
}

function readPids(file: string): string[] {
  return readFileSync(file, "utf8").trim().split("\n");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
