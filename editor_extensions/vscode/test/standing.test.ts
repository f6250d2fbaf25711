import { expect, test } from "vitest";

import { menuItems } from "../src/menu";
import { readStanding, stepTotal } from "../src/standing";
import { describe } from "../src/status_item";

const RUNNING = { kind: "running" } as const;

function shown(state: object): string {
  return describe(RUNNING, readStanding(state)).text;
}

test("the status bar says off, recording with its steps, paused, private and shared", () => {
  const workspace = { root: "/p", state: "paused" };
  expect(shown({ recording: false, workspaces: [] })).toBe("$(circle-outline) Signoff: off");
  expect(shown({ recording: true, steps: { edit: 200, open: 14 } })).toBe(
    "$(record) Signoff: recording 214 steps",
  );
  expect(shown({ recording: true, steps: { edit: 1 } })).toBe(
    "$(record) Signoff: recording 1 step",
  );
  expect(shown({ recording: true, steps: { edit: 12_345 } })).toBe(
    "$(record) Signoff: recording 12k steps",
  );
  expect(shown({ workspaces: [workspace] })).toBe(
    "$(debug-pause) Signoff: paused until you resume",
  );
  expect(shown({ workspaces: [{ ...workspace, pause: "private" }] })).toBe(
    "$(eye-closed) Signoff: private until you resume",
  );
  const until = new Date(2026, 0, 5, 14, 30);
  expect(shown({ workspaces: [{ ...workspace, paused_until_ms: until.valueOf() }] })).toBe(
    `$(debug-pause) Signoff: paused until ${until.toLocaleTimeString([], { timeStyle: "short" })}`,
  );
  expect(shown({ workspaces: [{ ...workspace, pause: "shared" }] })).toBe(
    "$(debug-pause) Signoff: paused while shared",
  );
});

test("between sessions it does not claim to have captured something", () => {
  const ended = { root: "/p", state: "recording", session: null };
  const state = { recording: true, steps: { edit: 12 }, workspaces: [ended] };
  const { text, lines } = describe(RUNNING, readStanding(state));
  expect(text).toBe("$(record) Signoff: idle");
  expect(lines[0]).toBe("No session is active; the next change starts one.");
  const goesOn = { root: "/q", state: "recording", session: "20261122T080000Z-00000002" };
  expect(shown({ ...state, workspaces: [ended, goesOn] })).toBe(
    "$(record) Signoff: recording 12 steps",
  );
});

test("a folder in which recording stopped is a problem", () => {
  const stopped = { root: "/p", state: "stopped", trouble: "the disk is full" };
  const state = { workspaces: [stopped], problems: ["/p: the disk is full"] };
  const { text, lines, isProblem } = describe(RUNNING, readStanding(state));
  expect([text, isProblem]).toEqual(["$(warning) Signoff: stopped", true]);
  expect(lines).toContain("/p: the disk is full");
});

test("a problem is seen while it records", () => {
  const { text, lines, isProblem } = describe(
    RUNNING,
    readStanding({ recording: true, steps: { edit: 2 }, problems: ["the disk is full"] }),
  );
  expect(text).toBe("$(warning) Signoff: recording 2 steps");
  expect(lines).toContain("the disk is full");
  expect(isProblem).toBe(true);
});

test("a stated task stands in the hover", () => {
  const workspaces = [{ root: "/p", state: "recording", session: "1", task: "mend \u{1F600}" }];
  const { lines } = describe(RUNNING, readStanding({ recording: true, workspaces }));
  expect(lines).toContain("Task: mend \u{1F600}");
});

test("where nothing is recorded, the menu begins with recording; else with what is done now", () => {
  const first = (state: object): string | undefined =>
    menuItems(RUNNING, readStanding(state)).find((one) => one.command !== undefined)?.command;
  expect(first({ recording: false, workspaces: [] })).toBe("signoff.enable");
  const workspaces = [{ root: "/p", state: "recording" }];
  expect(first({ recording: true, workspaces })).toBe("signoff.task");
  expect(first({ workspaces: [{ root: "/p", state: "paused" }] })).toBe("signoff.resume");
});

test("what is to be known of an opt-in stands in the hover and is no problem", () => {
  const announcements = ["Recording here ends in 3 days; `signoff enable` renews it.", 1, ""];
  const { lines, isProblem } = describe(
    RUNNING,
    readStanding({ recording: true, steps: { edit: 2 }, announcements }),
  );
  expect(lines).toContain(announcements[0]);
  expect(lines).not.toContain("");
  expect(isProblem).toBe(false);
});

test("counts of each kind are one hover away, the most first", () => {
  const { lines } = describe(
    RUNNING,
    readStanding({
      recording: true,
      steps: { open: 3, edit: 40 },
      workspaces: [{ root: "/p \u{1F388}\u{1F600}", state: "recording", session: "1" }],
    }),
  );
  expect(lines).toEqual([
    "Signoff records here: 43 steps.",
    "/p \u{1F388}\u{1F600}: recording",
    "edit 40 \u00b7 open 3",
  ]);
});

test("a bridge that cannot be started is a problem, one that is not there is none", () => {
  const failed = { kind: "failed", fact: "It ended.", isMissing: false } as const;
  const standing = readStanding(undefined);
  expect(describe(failed, standing)).toMatchObject({ text: "$(warning) Signoff", isProblem: true });
  expect(describe({ ...failed, isMissing: true }, standing)).toMatchObject({
    text: "$(circle-slash) Signoff",
    isProblem: false,
  });
});

test("whatever is sent as a state is read without a fault", () => {
  const strange: unknown[] = [null, 1, "x", [], [{}], { workspaces: [1, null, []] }];
  strange.push({ steps: { edit: -1, save: "2", view: Number.NaN } }, { problems: [1, ""] });
  for (const value of strange) {
    const standing = readStanding(value);
    expect(standing.isRecording).toBe(false);
    expect(stepTotal(standing)).toBe(0);
    expect(standing.problems).toEqual([]);
    expect(describe(RUNNING, standing).lines.length).toBeGreaterThan(0);
  }
});
