import * as vscode from "vscode";

import { isWanted, say, warn } from "./asking";
import type { Bridge } from "./bridge";
import { type CapturedView, forget } from "./lists/captured_view";
import { enableHere } from "./enabling";
import { showFileHistory } from "./history/file_history";
import { findInHistory } from "./history/finding";
import type { OldStates } from "./history/old_states";
import type { TodayView } from "./lists/today_view";
import { offer, showWalkthrough } from "./installing";
import { showMenu } from "./menu";
import type { Program } from "./program";
import { inTerminal, review, type Show } from "./reviewing";
import type { ReviewsView } from "./lists/reviews_view";
import { upload, withdraw } from "./sharing";
import { asText } from "./standing";
import type { StandingPage } from "./standing_page";

const FORGOTTEN_MINUTES = 5;
const PAUSE_MINUTES = 10;
const LONGEST_WORDS = 10_000;

/** What the commands work on. */
export interface Parts {
  readonly bridge: Bridge;
  readonly captured: CapturedView;
  readonly today: TodayView;
  readonly reviews: ReviewsView;
  /** Shows a review. */
  readonly show: Show;
  /** Tells the bridge whose review is opened, before anything is sealed. */
  readonly reviewing: (root: string) => void;
  readonly page: StandingPage;
  readonly states: OldStates;
  /** Find the program, for a verb of its own. */
  readonly find: () => Promise<Program>;
}

/**
 * Register everything the palette and the menu offer.
 *
 * Any extension can run these. What enables, resumes, deletes or sends asks in a modal of our own,
 * whoever called; the rest records less, or says something. Arguments are not looked at, except an
 * entry of our own view, or its name.
 */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { bridge, captured, today, reviews, page, states } = parts;
  const withProgram = (action: (program: string) => Promise<void>) => async () => {
    await action((await parts.find()).path);
  };
  const commands: Record<string, (argument?: unknown) => Promise<void> | void> = {
    menu: () => showMenu(bridge.life, bridge.standing),
    enable: withProgram(async (program) => {
      await bridge.start();
      if (await enableHere(program)) await tell(bridge, "status");
    }),
    pause: () => tell(bridge, "pause"),
    pauseTenMinutes: () => tell(bridge, "pause", [PAUSE_MINUTES]),
    private: () => tell(bridge, "private"),
    resume: () => resume(bridge),
    forgetFiveMinutes: () => forgetMinutes(bridge, captured),
    stop: () => tell(bridge, "stop"),
    task: () => speak(bridge, "task", "What are you going to do?"),
    note: () => speak(bridge, "note", "What do you want to remember of this moment?"),
    history: withProgram((program) => showFileHistory(program, states)),
    find: withProgram((program) => findInHistory(program, states)),
    today: () => today.show(),
    review: withProgram((program) => review(program, parts.show, parts.reviewing)),
    reviewInTerminal: withProgram((program) => review(program, inTerminal, parts.reviewing)),
    reviews: () => reviews.show(),
    "reviews.open": (id) => reviews.open(id),
    "reviews.send": (node) => reviews.send(node),
    "reviews.takeBack": (node) => reviews.takeBack(node),
    "reviews.refresh": () => {
      reviews.refresh();
    },
    upload: withProgram(upload),
    withdraw: withProgram(withdraw),
    whatIsRecorded: withProgram((program) => page.show(program)),
    showCaptured: () => captured.show(),
    walkthrough: () => showWalkthrough(),
    install: () => offer(),
    restart: () => bridge.restart(),
    "today.open": (line) => today.open(line),
    "today.refresh": () => {
      today.refresh();
    },
    "captured.open": async (id) => {
      await captured.open(id, (await parts.find()).path, states);
    },
    "captured.delete": (node) => captured.delete(node),
    "captured.more": () => {
      captured.showMore();
    },
    "captured.refresh": () => {
      captured.refresh();
    },
  };
  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`signoff.${name}`, async (argument?: unknown) => {
      try {
        await run(argument);
      } catch (error) {
        warn(error instanceof Error ? error.message : String(error));
      }
    }),
  );
}

async function tell(bridge: Bridge, name: string, words: readonly unknown[] = []): Promise<void> {
  bridge.take(await bridge.execute(name, words));
}

async function resume(bridge: Bridge): Promise<void> {
  const paused = bridge.standing.workspaces.filter((one) => one.state === "paused");
  const wanted = await isWanted({
    text: "Resume recording?",
    detail: paused.map((one) => one.root).join("\n"),
    leave: "Stay paused",
    act: "Resume",
  });
  if (wanted) await tell(bridge, "resume");
}

async function forgetMinutes(bridge: Bridge, captured: CapturedView): Promise<void> {
  const wanted = await isWanted({
    text: `Forget the last ${FORGOTTEN_MINUTES} minutes?`,
    detail:
      "Everything recorded in that time in the folders of this window is erased, whoever wrote it. Text that is still in a file stays in the file.",
    leave: "Keep it",
    act: "Forget",
  });
  if (!wanted) return;
  await forget(bridge, { minutes: FORGOTTEN_MINUTES });
  captured.refresh();
}

async function speak(bridge: Bridge, name: "task" | "note", prompt: string): Promise<void> {
  if (!bridge.standing.isRecording) {
    say(`nothing is recorded now, so a ${name} would not be kept.`);
    return;
  }
  const given = await vscode.window.showInputBox({ title: "Signoff", prompt });
  const text = asText(given).slice(0, LONGEST_WORDS).trim();
  if (text !== "") await tell(bridge, name, [text]);
}
