import { basename } from "node:path";
import * as vscode from "vscode";

import { confirm, isWanted, say, warn } from "./asking";
import { runShown } from "./cancellable";
import { type EpisodeRow, localTime, readListing } from "./episodes";
import { INTERRUPTED, runVerb } from "./verbs";

interface EpisodeItem extends vscode.QuickPickItem {
  readonly episode: EpisodeRow;
}

/** Send one signed episode, which the person picks, to the store it was signed for. */
export async function upload(program: string): Promise<void> {
  const episode = await chosenEpisode(program, "send");
  if (episode !== undefined) await send(program, episode);
}

/** Take one signed episode, which the person picks, back from wherever it was sent. */
export async function withdraw(program: string): Promise<void> {
  const episode = await chosenEpisode(program, "take back");
  if (episode !== undefined) await takeBack(program, episode);
}

/** Send a signed episode to the store it was signed for, after a question. */
export async function send(program: string, episode: EpisodeRow): Promise<void> {
  const store = await chosenStore(episode);
  if (store === undefined) return;
  const wanted = await isWanted({
    text: `Send episode ${episode.id} to ${store}?`,
    detail: `${size(episode)}. It leaves this machine with your sign-off over exactly these bytes. "Take an uploaded episode back" withdraws it; copies that others made by then stay.`,
    leave: "Do not send",
    act: "Send",
  });
  if (!wanted) return;
  const words = ["upload", episode.id, "--to", store, "--json"];
  const result = await runShown(`Signoff: sending ${episode.id}`, program, words);
  if (result.code === 0) confirm(`sent to ${store}.`);
  else if (result.code === INTERRUPTED) {
    confirm("interrupted; it waits in the outbox until you send it again.");
  } else warn(result.complaint);
}

/** Take a signed episode back from wherever it was sent, after a question. */
export async function takeBack(program: string, episode: EpisodeRow): Promise<void> {
  const wanted = await isWanted({
    text: `Take episode ${episode.id} back?`,
    detail:
      "The receiver erases it, keeps a note without content, and refuses it from then on. What was learnt from it cannot be un-learnt, and copies that others made stay.",
    leave: "Leave it there",
    act: "Take it back",
  });
  if (!wanted) return;
  const words = ["withdraw", episode.id, "--yes", "--json"];
  const result = await runShown(`Signoff: taking ${episode.id} back`, program, words);
  if (result.code === 0) confirm(`${episode.id} is taken back.`);
  else warn(result.complaint || "interrupted; run it again to see whether it was taken back.");
}

async function chosenEpisode(program: string, purpose: string): Promise<EpisodeRow | undefined> {
  const listed = await runVerb(program, ["list", "--json"]);
  if (listed.code !== 0) {
    warn(listed.complaint);
    return undefined;
  }
  const signed = readListing(listed).episodes.filter((one) => one.isSigned);
  if (signed.length === 0) {
    say(`no episode is signed, so there is nothing to ${purpose}. "Review" comes first.`);
    return undefined;
  }
  const items = [...signed].reverse().map(
    (episode): EpisodeItem => ({
      label: episode.id,
      description: [basename(episode.root), localTime(episode.written), size(episode)]
        .filter((word) => word !== "")
        .join(", "),
      detail: whereTo(episode),
      episode,
    }),
  );
  const title = `Signoff: which episode to ${purpose}?`;
  return (await vscode.window.showQuickPick(items, { title }))?.episode;
}

async function chosenStore({ id, audiences }: EpisodeRow): Promise<string | undefined> {
  if (audiences.length > 1) {
    return vscode.window.showQuickPick(audiences, { title: "Signoff: to which store?" });
  }
  if (audiences[0] === undefined)
    warn(`the sign-off of ${id} cannot be read, so it cannot be sent.`);
  return audiences[0];
}

function whereTo({ audiences, uploaded }: EpisodeRow): string {
  const signed = `signed for ${audiences.join(", ")}`;
  return uploaded.length === 0 ? signed : `${signed}; uploaded to ${uploaded.join(", ")}`;
}

function size(episode: EpisodeRow): string {
  return `${Math.ceil(episode.sizeBytes / 1024)} KiB`;
}
