import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { activate, deactivate } from "../src/extension";
import { makeDouble } from "./support/signoff_double";
import { emitter, reset, surroundings, Uri } from "./support/vscode";

/** How long a condition is waited for; generous on purpose. */
const PATIENCE = { timeout: 60_000, interval: 20 };

let home: string;
let subscriptions: { dispose(): unknown }[];
const memory = new Map<string, unknown>();

beforeEach(() => {
  reset();
  memory.clear();
  memory.set("wasWelcomed", true);
  subscriptions = [];
  home = mkdtempSync(join(tmpdir(), "signoff-vscode-test-"));
  vi.stubEnv("HOME", home);
  vi.stubEnv("PATH", "/nowhere");
});

afterEach(async () => {
  await deactivate();
  for (const one of subscriptions) one.dispose();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const state = {
  get: (name: string) => memory.get(name),
  update: (name: string, value: unknown) => {
    memory.set(name, value);
    return Promise.resolve();
  },
};

function start(): void {
  const context = {
    subscriptions,
    extensionUri: Uri.file(home),
    extension: { packageJSON: { version: "0.1.0" } },
    globalState: state,
    workspaceState: state,
  };
  activate(context as unknown as Parameters<typeof activate>[0]);
}

/** Close the window and open it again. */
function reopen(): void {
  for (const one of subscriptions.splice(0)) one.dispose();
  start();
}

function openFile(): void {
  emitter("onDidOpenTextDocument").fire({ uri: Uri.file("/p/a.py"), languageId: "python" });
}

const statusText = (): string => (surroundings.statusItems.at(-1) as { text: string }).text;
const offers = () => surroundings.shown.filter((one) => one.text.includes("was not found"));

async function untilMissing(): Promise<void> {
  await vi.waitFor(() => {
    expect(statusText()).toBe("$(circle-slash) Signoff");
  }, PATIENCE);
}

test("a missing program is offered help for once on a machine, the harmless answer first", async () => {
  start();
  openFile();
  await untilMissing();
  await vi.waitFor(() => {
    expect(offers()).toHaveLength(1);
  }, PATIENCE);
  expect(offers()[0]?.choices[0]).toBe("Not now");
  reopen();
  openFile();
  await untilMissing();
  expect(offers()).toHaveLength(1);
});

test("without a file on a disk no program is looked for", () => {
  start();
  emitter("onDidOpenTextDocument").fire({ uri: Uri.parse("untitled:Untitled-1") });
  expect(statusText()).toBe("$(circle-outline) Signoff");
});

test("where something was recorded before, the program is started without a file", async () => {
  memory.set("wasRecorded", true);
  start();
  await untilMissing();
});

test("a program in the .venv of a folder is used once the folder is trusted", async () => {
  const double = makeDouble();
  const folder = join(double.path, "..");
  surroundings.folders = [{ uri: Uri.file(folder), name: "p", index: 0 }];
  surroundings.configuration["signoff.path"] = double.path;
  surroundings.isTrusted = false;
  start();
  openFile();
  await vi.waitFor(() => {
    expect(statusText()).toBe("$(warning) Signoff");
  }, PATIENCE);
  expect(double.calls()).toEqual([]);
  surroundings.isTrusted = true;
  emitter("onDidGrantWorkspaceTrust").fire(undefined);
  await vi.waitFor(() => {
    expect(double.calls()).toContain("lsp");
  }, PATIENCE);
});

test("the first steps are opened once, unless that is switched off", async () => {
  const opened = () =>
    surroundings.executed.filter(([name]) => name === "workbench.action.openWalkthrough");
  memory.delete("wasWelcomed");
  start();
  await vi.waitFor(() => {
    expect(opened()).toHaveLength(1);
  }, PATIENCE);
  reopen();
  expect(opened()).toHaveLength(1);
  memory.delete("wasWelcomed");
  surroundings.configuration["workbench.welcomePage.walkthroughs.openOnInstall"] = false;
  reopen();
  expect(opened()).toHaveLength(1);
});
