import { basename } from "node:path";
import * as vscode from "vscode";

import { confirm, say, warn } from "./asking";
import { runShown } from "./cancellable";
import { detailOf, type EpisodeRow, readListing, type SessionRow, titleOf } from "./episodes";
import { linear } from "./history/rows";
import { openOwnTerminal } from "./own_terminals";
import { openReviewPanel } from "./review_panel";
import { INTERRUPTED, runVerb } from "./verbs";

interface SessionItem extends vscode.QuickPickItem {
  readonly session: SessionRow;
}

/** Shows the review of an episode; told what to call it. */
export type Show = (program: string, episode: string, title: string) => Promise<void>;

/** In a panel among the editors. */
export function inPanel(ended: () => void): Show {
  return (program, episode, title) => openReviewPanel(program, episode, title, ended);
}

/** In a terminal among the editors, for a key that asks for its passphrase. */
export const inTerminal: Show = (program, episode) => {
  openOwnTerminal("Signoff review", program, ["review", episode, "--terminal"], "checklist");
  return Promise.resolve();
};

/**
 * Let the person pick a session, seal it if need be, and show its review.
 *
 * @param chosen told of the workspace before anything is sealed
 */
export async function review(
  program: string,
  show: Show,
  chosen: (root: string) => void,
): Promise<void> {
  const listed = await runVerb(program, ["list", "--json"]);
  if (listed.code !== 0) {
    warn(listed.complaint);
    return;
  }
  const { sessions, episodes } = readListing(listed);
  const items = sessions
    .filter(canBeReviewed)
    .reverse()
    .map((one) => sessionItem(one, episodes));
  if (items.length === 0) {
    say("nothing is recorded yet, so there is nothing to review.");
    return;
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: "Signoff: look at a session",
    placeHolder: "Nothing is included, signed or sent by looking.",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  chosen(picked.session.root);
  await openSession(program, picked.session, show);
}

/** Open the newest sealed session of a workspace, as a question of the bridge was answered. */
export async function reviewWorkspace(program: string, root: string, show: Show): Promise<void> {
  const listed = await runVerb(program, ["list", "--json"]);
  const { sessions } = readListing(listed);
  const found = sessions.findLast((one) => one.root === root && one.episode !== undefined);
  if (found === undefined) await review(program, show, () => undefined);
  else await openSession(program, found, show);
}

/** Whether there is something to look at. */
export function canBeReviewed(session: SessionRow): boolean {
  return session.episode !== undefined || session.state === "live" || session.state === "ended";
}

function sessionItem(session: SessionRow, episodes: readonly EpisodeRow[]): SessionItem {
  const isLive = session.state === "live";
  return {
    label: `${isLive ? "$(record) " : ""}${linear(titleOf(session))}`,
    description: `${detailOf(session, episodes)}, ${linear(basename(session.root))}`,
    detail: isLive ? `${session.root} (reviewing ends it first)` : session.root,
    session,
  };
}

/** Seal a session if need be, and show its review. */
export async function openSession(program: string, session: SessionRow, show: Show): Promise<void> {
  let { episode } = session;
  let title = titleOf(session);
  if (episode === undefined) {
    const words = ["seal", session.id, "--json"];
    const sealed = await runShown("Signoff: sealing the session", program, words);
    const path = sealed.rows.at(-1)?.["episode"];
    if (sealed.code === INTERRUPTED) {
      confirm("not sealed; what was recorded stays as it is.");
      return;
    }
    if (sealed.code !== 0 || typeof path !== "string") {
      warn(sealed.complaint);
      return;
    }
    episode = path;
    const { sessions } = readListing(await runVerb(program, ["list", "--json"]));
    const named = sessions.find((one) => one.id === session.id);
    if (named !== undefined) title = titleOf(named); // sealing found one
  }
  await show(program, episode, title);
}
