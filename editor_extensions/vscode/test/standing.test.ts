import { expect, test } from "vitest";

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
    "$(record) recording 214 steps",
  );
  expect(shown({ recording: true, steps: { edit: 1 } })).toBe("$(record) recording 1 step");
  expect(shown({ recording: true, steps: { edit: 12_345 } })).toBe("$(record) recording 12k steps");
  expect(shown({ workspaces: [workspace] })).toBe("$(debug-pause) paused");
  expect(shown({ workspaces: [{ ...workspace, pause: "private" }] })).toBe("$(eye-closed) private");
  expect(shown({ workspaces: [{ ...workspace, pause: "shared" }] })).toBe(
    "$(debug-pause) paused: shared",
  );
});

test("between sessions it does not claim to have captured something", () => {
  const ended = { root: "/p", state: "recording", session: null };
  const state = { recording: true, steps: { edit: 12 }, workspaces: [ended] };
  const { text, lines } = describe(RUNNING, readStanding(state));
  expect(text).toBe("$(record) idle");
  expect(lines[0]).toBe("No session is active; the next change starts one.");
  const goesOn = { root: "/q", state: "recording", session: "20261122T080000Z-00000002" };
  expect(shown({ ...state, workspaces: [ended, goesOn] })).toBe("$(record) recording 12 steps");
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
  expect(text).toBe("$(warning) recording 2 steps");
  expect(lines).toContain("the disk is full");
  expect(isProblem).toBe(true);
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
