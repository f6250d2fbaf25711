import { basename } from "node:path";
import * as vscode from "vscode";

import { say, warn } from "./asking";
import { runShown } from "./cancellable";
import { localTime, readListing, type SessionRow } from "./episodes";
import { openOwnTerminal } from "./own_terminals";
import { INTERRUPTED, runVerb } from "./verbs";

interface SessionItem extends vscode.QuickPickItem {
  readonly session: SessionRow;
}

/**
 * Let the person pick a session, seal it if need be, and open its review in a terminal.
 *
 * @param chosen told of the workspace before anything is sealed
 */
export async function review(program: string, chosen: (root: string) => void): Promise<void> {
  const listed = await runVerb(program, ["list", "--json"]);
  if (listed.code !== 0) {
    warn(listed.complaint);
    return;
  }
  const { sessions } = readListing(listed);
  const items = sessions.filter(canBeReviewed).reverse().map(sessionItem);
  if (items.length === 0) {
    say("nothing is recorded yet, so there is nothing to review.");
    return;
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: "Signoff: look at a session",
    placeHolder: "Nothing is kept, signed or sent by looking.",
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  chosen(picked.session.root);
  await openSession(program, picked.session);
}

/** Open the newest sealed session of a workspace, as a question of the bridge was answered. */
export async function reviewWorkspace(program: string, root: string): Promise<void> {
  const listed = await runVerb(program, ["list", "--json"]);
  const { sessions } = readListing(listed);
  const found = sessions.findLast((one) => one.root === root && one.episode !== undefined);
  if (found === undefined) await review(program, () => undefined);
  else await openSession(program, found);
}

function canBeReviewed(session: SessionRow): boolean {
  return session.episode !== undefined || session.state === "live" || session.state === "ended";
}

function sessionItem(session: SessionRow): SessionItem {
  const isLive = session.state === "live";
  return {
    label: `${isLive ? "$(record) " : ""}${localTime(session.started)}`,
    description: basename(session.root),
    detail: isLive ? `${session.root} (still recording: reviewing ends it first)` : session.root,
    session,
  };
}

async function openSession(program: string, session: SessionRow): Promise<void> {
  let episode = session.episode;
  if (episode === undefined) {
    const words = ["seal", session.id, "--json"];
    const sealed = await runShown("Signoff: sealing the session", program, words);
    const path = sealed.rows.at(-1)?.["episode"];
    if (sealed.code === INTERRUPTED) {
      say("not sealed; what was recorded stays as it is.");
      return;
    }
    if (sealed.code !== 0 || typeof path !== "string") {
      warn(sealed.complaint);
      return;
    }
    episode = path;
  }
  openOwnTerminal("Signoff review", program, ["review", episode, "--terminal"], "checklist");
}
