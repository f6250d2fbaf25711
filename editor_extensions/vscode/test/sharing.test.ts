import { beforeEach, expect, test } from "vitest";

import { inTerminal, review, reviewWorkspace } from "../src/reviewing";
import { upload, withdraw } from "../src/sharing";
import { makeDouble } from "./support/signoff_double";
import { reset, type Showing, surroundings } from "./support/vscode";

const SIGNED = {
  kind: "episode",
  id: "00112233445566ff",
  size_bytes: 2050,
  written: "2026-11-22T12:00:00Z",
  signed: true,
};
const SEALED = {
  kind: "session",
  id: "20261121T080000Z-00000001",
  state: "sealed",
  root: "/p \u{1F388}",
  started: "2026-11-21T08:00:00Z",
  episode: "aabbccddeeff0011",
};
const LIVE = { ...SEALED, id: "20261122T080000Z-00000002", state: "live", episode: undefined };

beforeEach(reset);

function answer(answers: Readonly<Record<string, string>>): void {
  surroundings.answer = (showing: Showing) => {
    if (showing.isModal) return answers["modal"];
    return answers[showing.how] ?? showing.choices.find((one) => one === answers["pick"]);
  };
}

const modals = (): Showing[] => surroundings.shown.filter((one) => one.isModal);

test("an episode is sent only after a modal whose first answer sends nothing", async () => {
  const double = makeDouble([{ ...SIGNED, audiences: ["file:///srv/episodes"] }]);
  for (const modal of ["", "Do not send", "Send"]) {
    answer({ pick: SIGNED.id, modal });
    await upload(double.path);
  }
  expect(modals()).toHaveLength(3);
  expect(modals()[0]).toMatchObject({
    text: "Send episode 00112233445566ff to file:///srv/episodes?",
    choices: ["Do not send", "Send"],
  });
  const sent = double.calls().filter((call) => call.startsWith("upload"));
  expect(sent).toEqual(["upload 00112233445566ff --to file:///srv/episodes --json"]);
});

test("a sign-off that cannot be read goes nowhere", async () => {
  const double = makeDouble([SIGNED]);
  answer({ pick: SIGNED.id, inputBox: "s3://host/bucket", modal: "Send" });
  await upload(double.path);
  expect(double.calls()).toEqual(["list --json"]);
  expect(surroundings.shown.at(-1)?.text).toMatch(/cannot be read/);
});

test("sending can be interrupted, and that is said", async () => {
  const double = makeDouble([{ ...SIGNED, audiences: ["file:///slow"] }]);
  answer({ pick: SIGNED.id, modal: "Send", progress: "Cancel" });
  await upload(double.path);
  expect(surroundings.shown.at(-1)?.text).toMatch(/interrupted.*outbox/);
});

test("taking back asks first, and says why it failed", async () => {
  const double = makeDouble([SIGNED]);
  answer({ pick: SIGNED.id, modal: "Leave it there" });
  await withdraw(double.path);
  expect(double.calls()).toEqual(["list --json"]);
  answer({ pick: SIGNED.id, modal: "Take it back" });
  await withdraw(double.path);
  expect(modals()[0]?.choices[0]).toBe("Leave it there");
  expect(double.calls().at(-1)).toBe("withdraw 00112233445566ff --yes --json");
  expect(surroundings.shown.at(-1)?.text).toBe("Signoff: no store answers Try later.");
});

test("without a signed episode there is nothing to pick", async () => {
  const double = makeDouble([{ ...SIGNED, signed: false }]);
  await upload(double.path);
  expect(surroundings.shown.map((one) => one.how)).toEqual(["information"]);
});

test("a review opens in a terminal that keeps nothing and takes nothing from a workspace", async () => {
  const double = makeDouble([SEALED]);
  process.env["VSCODE_TEST_VALUE"] = "of the editor";
  const named = { SIGNOFF_HOME: "/p/home", PATH: "/p/bin" };
  for (const system of ["linux", "osx", "windows"]) {
    surroundings.configuration[`terminal.integrated.env.${system}`] = named;
  }
  await reviewWorkspace(double.path, SEALED.root, inTerminal);
  delete process.env["VSCODE_TEST_VALUE"];
  expect(surroundings.terminals).toHaveLength(1);
  const { options, isShown } = surroundings.terminals[0] as {
    options: { env: Record<string, string | null> };
    isShown: boolean;
  };
  expect(options).toMatchObject({
    shellPath: double.path,
    shellArgs: ["review", SEALED.episode, "--terminal"],
    isTransient: true,
    strictEnv: true,
  });
  expect(options.env["PATH"]).toBe(process.env["PATH"]);
  expect(options.env["SIGNOFF_HOME"]).toBe(process.env["SIGNOFF_HOME"] ?? null);
  expect(Object.keys(options.env).filter((name) => /^(VSCODE|ELECTRON)_/.test(name))).toEqual([]);
  expect(isShown).toBe(true);
});

test("whose review is opened is said before anything is sealed", async () => {
  const double = makeDouble([SEALED, LIVE]);
  surroundings.answer = ({ how, choices }) => (how === "progress" ? "Cancel" : choices[0]);
  const before: string[][] = [];
  await review(double.path, inTerminal, (root) => before.push([root, ...double.calls()]));
  expect(before).toEqual([[LIVE.root, "list --json"]]);
});

test("the sealing of a live session is shown and can be interrupted", async () => {
  const double = makeDouble([SEALED, LIVE]);
  surroundings.answer = ({ how, choices }) => (how === "progress" ? "Cancel" : choices[0]);
  await review(double.path, inTerminal, () => undefined);
  expect(surroundings.shown.map((one) => one.text)).toContain("Signoff: sealing the session");
  expect(surroundings.shown.at(-1)?.text).toMatch(/not sealed/);
  expect(surroundings.terminals).toEqual([]);
});

test("sessions are offered newest first, with what looking does", async () => {
  const double = makeDouble([SEALED, { ...SEALED, state: "damaged", episode: undefined }, LIVE]);
  await review(double.path, inTerminal, () => undefined);
  const [pick] = surroundings.shown;
  expect(pick?.choices).toHaveLength(2);
  expect(pick?.choices[0]).toMatch(/^\$\(record\) /);
  expect(double.calls()).toEqual(["list --json"]);
});
