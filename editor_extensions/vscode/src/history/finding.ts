import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";

import { warn } from "../asking";
import { runQuietly } from "../cancellable";
import { chosenFolder } from "../folders";
import { openOwnTerminal } from "../own_terminals";
import { asText } from "../standing";
import type { OldStates } from "./old_states";
import { clockTime, type Hit, readHits } from "./rows";

/** As many as the program lists unless it is told `--all`. */
const MOST_HITS = 20;

interface HitItem extends vscode.QuickPickItem {
  /** Undefined: the older ones too. */
  readonly hit?: Hit;
}

/** Search the history of a workspace, and open the place, the old state or the moment chosen. */
export async function findInHistory(program: string, states: OldStates): Promise<void> {
  const prompt = "Text that is, or once was, in files, commands, failures and notes";
  const given = await vscode.window.showInputBox({ title: "Signoff: find in my history", prompt });
  const text = asText(given).trim();
  if (text === "") return;
  await offerHits(program, states, text, await searchedFolder(), []);
}

/** Return the folder whose workspace is searched; undefined for all workspaces. */
async function searchedFolder(): Promise<string | undefined> {
  const chosen = await chosenFolder();
  if (chosen === undefined) return undefined;
  const about = await stat(chosen).catch(() => undefined);
  return about?.isDirectory() === true ? chosen : dirname(chosen);
}

async function offerHits(
  program: string,
  states: OldStates,
  text: string,
  folder: string | undefined,
  options: readonly string[],
): Promise<void> {
  const where = folder === undefined ? ["--everywhere"] : [];
  const words = ["find", "--json", ...where, ...options, "--", text];
  const found = await runQuietly("Signoff: searching the history", program, words, folder);
  if (found.code !== 0) {
    warn(found.complaint);
    return;
  }
  const hits = readHits(found.rows);
  const isCut = options.length === 0 && hits.length === MOST_HITS;
  const items: HitItem[] = [
    ...hits.map(hitItem),
    ...(isCut ? [{ label: "$(ellipsis) Older ones too" }] : []),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: "Signoff: find in my history",
    placeHolder: "Opens the place, the old state, or the moment",
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  if (picked.hit === undefined) await offerHits(program, states, text, folder, ["--all"]);
  else await openHit(program, states, picked.hit, text);
}

function hitItem(hit: Hit): HitItem {
  const line = hit.line === undefined ? "" : `:${hit.line}`;
  const place = hit.path === undefined ? hit.kind : `${hit.path}${line}`;
  return {
    label: hit.text,
    description: `${place}${hit.isDeleted ? " (deleted)" : ""}`,
    detail: clockTime(hit.time),
    hit,
  };
}

async function openHit(program: string, states: OldStates, hit: Hit, text: string): Promise<void> {
  if (hit.path === undefined) {
    openOwnTerminal("Signoff replay", program, ["replay", hit.session, "--from", hit.at], "play");
    return;
  }
  const path = await pathOf(hit.root, hit.path);
  const isThere = (await stat(path).catch(() => undefined))?.isFile() === true;
  const document =
    isThere && !hit.isDeleted
      ? await vscode.workspace.openTextDocument(vscode.Uri.file(path))
      : await states.document(program, path, hit);
  const at = new vscode.Position(nearestLine(document.getText(), text, (hit.line ?? 1) - 1), 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}

/** The path of a hit's file; a workspace may be a single file. */
export async function pathOf(root: string, path: string): Promise<string> {
  if (basename(root) !== path) return join(root, path);
  const about = await stat(root).catch(() => undefined);
  return about?.isDirectory() === true ? join(root, path) : root;
}

/** The line nearest to one that still holds the text, else that one; counted from 0. */
export function nearestLine(document: string, text: string, near: number): number {
  const wanted = text.toLowerCase();
  const lines = document.split(/\r\n|\r|\n/);
  const holding = lines.flatMap((line, number) =>
    line.toLowerCase().includes(wanted) ? [number] : [],
  );
  if (holding.length === 0) return Math.max(0, Math.min(near, lines.length - 1));
  return holding.reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best));
}
