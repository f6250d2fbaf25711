import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OutputKeeper } from "../../src/observation/output_keeper";
import { SeenLines } from "../../src/observation/seen_lines";
import { Tasks } from "../../src/observation/tasks";
import { Terminals } from "../../src/observation/terminals";
import { markOwn } from "../../src/own_terminals";
import {
  emitter,
  ProcessExecution,
  reset,
  ShellExecution,
  surroundings,
  Uri,
} from "../support/vscode";
import { EMOJI, Told } from "./support";

/** How long a condition is waited for; generous on purpose. */
const PATIENCE = { timeout: 60_000, interval: 20 };

let told: Told;
let lines: { ofTerminals: SeenLines; ofTasks: SeenLines };
let nowMs = 0;
const observers: { dispose(): void }[] = [];

beforeEach(() => {
  reset();
  told = new Told();
  lines = { ofTerminals: new SeenLines(), ofTasks: new SeenLines() };
  nowMs = 0;
});
afterEach(() => {
  for (const one of observers.splice(0)) one.dispose();
});

/** A terminal whose output the test gives piece by piece. */
class FakeExecution {
  readonly pieces: string[] = [];
  reads = 0;
  commandLine = { value: "make", confidence: 2, isTrusted: true };
  cwd: Uri | undefined = Uri.file("/p");
  readonly terminal = { name: "bash", state: { shell: "bash" as string | undefined } };
  private release: () => void = () => undefined;
  private readonly isOver = new Promise<void>((resolve) => (this.release = resolve));

  async *read(): AsyncGenerator<string> {
    this.reads += 1;
    for (const piece of this.pieces) yield piece;
    await this.isOver;
  }
  start(): void {
    const shellIntegration = { cwd: undefined };
    emitter("onDidStartTerminalShellExecution").fire({
      execution: this,
      terminal: this.terminal,
      shellIntegration,
    });
  }
  end(exitCode: number | undefined): void {
    this.release();
    emitter("onDidEndTerminalShellExecution").fire({
      execution: this,
      terminal: this.terminal,
      exitCode,
    });
  }
}

function watch(): void {
  observers.push(new Terminals(told, lines, () => nowMs));
}

async function commands(): Promise<Record<string, unknown>[]> {
  await vi.waitFor(() => {
    expect(told.of("signoff/command")).not.toEqual([]);
  }, PATIENCE);
  return told.of("signoff/command");
}

/** Until everything that is ready has run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a terminal", () => {
  test("tells line, folder, times, exit code and output when the command ends", async () => {
    watch();
    const execution = new FakeExecution();
    execution.pieces.push("one ", EMOJI, "\u001b[31mred\u001b[0m\n");
    nowMs = 1_000;
    execution.start();
    nowMs = 1_250;
    execution.end(3);
    const [command] = await commands();
    expect(command).toMatchObject({
      via: "terminal",
      line: "make",
      cwd: "/p",
      shell: "bash",
      started_ago_ms: 250,
      duration_ms: 250,
      exit_code: 3,
      confidence: "high",
      output: { head: `one ${EMOJI}\u001b[31mred\u001b[0m\n`, tail: "", size_bytes: 25 },
    });
    expect(command?.["id"]).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });

  test("does not know every exit code and shell", async () => {
    watch();
    const execution = new FakeExecution();
    execution.terminal.state.shell = undefined;
    execution.commandLine.confidence = 1;
    execution.start();
    execution.end(undefined);
    const [command] = await commands();
    expect(command).toMatchObject({ exit_code: null, confidence: "medium" });
    expect(command).not.toHaveProperty("shell");
  });

  test("says nothing of an output of which it saw nothing", async () => {
    watch();
    const execution = new FakeExecution();
    execution.start();
    execution.end(0);
    const [command] = await commands();
    expect(command).not.toHaveProperty("output");
  });

  test("that shows recorded text is never read", async () => {
    watch();
    const execution = new FakeExecution();
    markOwn(execution.terminal as never);
    execution.start();
    execution.end(0);
    await settled();
    expect(execution.reads).toBe(0);
    expect(told.sent).toEqual([]);
  });

  test.each([
    ["nothing is recorded", () => (told.standing = { ...told.standing, isRecording: false })],
    ["the setting is off", () => (surroundings.configuration["signoff.terminalCommands"] = false)],
  ])("is not read while %s", async (_, arrange) => {
    arrange();
    watch();
    const execution = new FakeExecution();
    execution.start();
    execution.end(0);
    await settled();
    expect(execution.reads).toBe(0);
    expect(told.sent).toEqual([]);
  });

  test.each([
    ["no folder is known", (one: FakeExecution) => (one.cwd = undefined)],
    ["the line is empty", (one: FakeExecution) => (one.commandLine.value = " ")],
    ["the line is too long", (one: FakeExecution) => (one.commandLine.value = "x".repeat(8_001))],
  ])("tells nothing where %s", async (_, arrange) => {
    watch();
    const execution = new FakeExecution();
    arrange(execution);
    execution.start();
    execution.end(0);
    await settled();
    expect(told.sent).toEqual([]);
  });

  test("tells of a command whose output never ends, after a second", async () => {
    watch();
    const execution = new FakeExecution();
    execution.pieces.push("begun");
    execution.start();
    await settled();
    emitter("onDidEndTerminalShellExecution").fire({
      execution,
      terminal: execution.terminal,
      exitCode: 0,
    });
    await vi.waitFor(
      () => {
        expect(told.of("signoff/command")).toMatchObject([{ output: { head: "begun" } }]);
      },
      { timeout: 30_000 },
    );
  });

  test("reads at most 32 commands at once, and tells nothing after the end", async () => {
    watch();
    const executions = Array.from({ length: 40 }, () => new FakeExecution());
    for (const one of executions) one.start();
    expect(executions.reduce((reads, one) => reads + one.reads, 0)).toBeLessThanOrEqual(32);
    for (const one of observers.splice(0)) one.dispose();
    for (const one of executions) one.end(0);
    await settled();
    expect(told.sent).toEqual([]);
  });
});

describe("an output", () => {
  test("is kept by its first 24,576 and the last 73,728 units that follow", () => {
    const keeper = new OutputKeeper();
    const line = `${EMOJI} line of output\n`;
    const all = line.repeat(20_000);
    for (let from = 0; from < all.length; from += 977) keeper.add(all.slice(from, from + 977));
    const { head, tail } = keeper.kept();
    expect(head).toBe(all.slice(0, 24_576));
    expect(tail).toBe(all.slice(24_576).slice(-73_728));
    expect(tail).toHaveLength(73_728);
  });

  test("is whole while it is short, and counted in bytes", () => {
    const keeper = new OutputKeeper();
    keeper.add("x".repeat(24_576));
    expect(keeper.kept()).toEqual({ head: "x".repeat(24_576), tail: "", size_bytes: 24_576 });
    keeper.add(EMOJI);
    expect(keeper.kept()).toMatchObject({ tail: EMOJI, size_bytes: 24_584 });
  });

  test("of one huge piece is cut as one of many", () => {
    const keeper = new OutputKeeper();
    keeper.add("ab".repeat(500_000));
    expect(keeper.kept().tail).toBe("ab".repeat(36_864));
  });
});

describe("a task", () => {
  beforeEach(() => {
    observers.push(new Tasks(told, lines, () => nowMs));
  });

  function run(task: object, exitCode: number | undefined = 0): void {
    const execution = { task: { scope: undefined, ...task } };
    emitter("onDidStartTaskProcess").fire({ execution, processId: 7 });
    nowMs += 90;
    emitter("onDidEndTaskProcess").fire({ execution, exitCode });
  }

  test("tells line, folder and exit code", () => {
    run({ execution: new ShellExecution("make test", undefined, { cwd: "/p/sub" }) }, 2);
    expect(told.of("signoff/command")).toMatchObject([
      {
        via: "task",
        line: "make test",
        cwd: "/p/sub",
        started_ago_ms: 90,
        duration_ms: 90,
        exit_code: 2,
      },
    ]);
    expect(told.sent[0]?.[1]).not.toHaveProperty("output");
  });

  test("runs in its workspace folder unless it says where", () => {
    const scope = { uri: Uri.file("/p") };
    run({ scope, execution: new ProcessExecution("tox", ["-e", "py"]) });
    run({
      scope,
      execution: new ShellExecution("a", ["b", { value: "c d" }], { cwd: "${workspaceFolder}/x" }),
    });
    expect(told.of("signoff/command")).toMatchObject([
      { line: "tox -e py", cwd: "/p" },
      { line: "a b c d", cwd: "/p/x" },
    ]);
  });

  test("is told once, with its output, where a terminal ran it", async () => {
    watch();
    const run = new FakeExecution();
    run.pieces.push("done\n");
    const execution = {
      task: { scope: { uri: Uri.file("/p") }, execution: new ShellExecution("make") },
    };
    run.start();
    emitter("onDidStartTaskProcess").fire({ execution, processId: 7 });
    await settled();
    emitter("onDidEndTaskProcess").fire({ execution, exitCode: 0 });
    run.end(0);
    expect(await commands()).toMatchObject([
      { via: "task", line: "make", output: { head: "done\n" } },
    ]);
  });

  test("is told by itself where the same line ran in a terminal long before", async () => {
    watch();
    const earlier = new FakeExecution();
    earlier.start();
    earlier.end(0);
    await commands();
    nowMs = 60_000;
    run({ execution: new ShellExecution("make", undefined, { cwd: "/p" }) });
    expect(told.of("signoff/command").map(({ via }) => via)).toEqual(["terminal", "task"]);
  });

  test("is not told where the person keeps terminals out of it", () => {
    surroundings.configuration["signoff.terminalCommands"] = false;
    run({ execution: new ShellExecution("make", undefined, { cwd: "/p" }) });
    expect(told.sent).toEqual([]);
  });

  test.each([
    ["runs no program", {}],
    [
      "names a folder by a variable",
      { execution: new ShellExecution("a", undefined, { cwd: "${config:x}" }) },
    ],
    ["has no folder at all", { execution: new ShellExecution("a") }],
  ])("that %s is not told", (_, task) => {
    run(task);
    expect(told.sent).toEqual([]);
  });
});
