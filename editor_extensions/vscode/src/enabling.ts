import * as vscode from "vscode";

import { isWanted, say, warn } from "./asking";
import { chosenFolder } from "./folders";
import { asList, asRecord, asText } from "./standing";
import { runVerb } from "./verbs";

/**
 * Ask for recording in one folder: whose code it is, then the program's own words in a modal.
 *
 * The program stores that this editor says a person agreed, and announces it as such.
 *
 * @returns whether it is enabled now
 */
export async function enableHere(program: string): Promise<boolean> {
  const folder = await chosenFolder();
  if (folder === undefined) {
    say("open a folder first; recording is asked for in one folder.");
    return false;
  }
  const explained = await runVerb(program, ["enable", folder, "--explain", "--json"]);
  const words = explained.rows.at(-1);
  if (explained.code !== 0 || words === undefined) {
    warn(explained.complaint);
    return false;
  }
  const owner = await chosenOwner(words);
  if (owner === undefined) return false;
  const wanted = await isWanted({
    text: asText(words["question"]),
    detail: notice(words, owner),
    leave: "Leave it off",
    act: "Record here",
  });
  if (!wanted) return false;
  const result = await runVerb(program, [
    "enable",
    folder,
    "--asked-in",
    "vscode",
    "--owner",
    owner.value,
    "--json",
  ]);
  if (result.code !== 0) {
    warn(result.complaint);
    return false;
  }
  if (vscode.window.activeTextEditor?.document.uri.scheme !== "file") {
    say(`recording in ${folder} begins with the first file of it that you open.`);
  }
  return true;
}

/** What the program says before it enables, as paragraphs for a window of any width. */
function notice(words: Readonly<Record<string, unknown>>, owner: Owner): string {
  const where = asText(words["where"]);
  return [
    asText(words["notice"]),
    asText(words["what"]),
    asText(words["never"]),
    asText(words["leaves"]),
    where === "" ? "" : `Where: ${where}\n${asText(words["size"])}`,
    `${asText(words["owner_question"])} ${owner.label}.`,
  ]
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => paragraph.replace(/([^;:.\n])\n\s+/g, "$1 ").replace(/\n +/g, "\n"))
    .join("\n\n");
}

interface Owner {
  readonly label: string;
  readonly value: string;
}

async function chosenOwner(words: Readonly<Record<string, unknown>>): Promise<Owner | undefined> {
  const known = asText(words["owner"]);
  const owners = asList(words["owners"])
    .map(asRecord)
    .map((one): Owner => ({ value: asText(one["value"]), label: asText(one["label"]) }))
    .sort((first, second) => Number(second.value === known) - Number(first.value === known));
  return vscode.window.showQuickPick(owners, {
    title: `Signoff: ${asText(words["owner_question"])}`,
    placeHolder: "Nothing is recorded yet; you are asked once more.",
    ignoreFocusOut: true,
  });
}
