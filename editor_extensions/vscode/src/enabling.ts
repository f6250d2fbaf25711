import * as vscode from "vscode";

import { confirm, isWantedInDetail, say, warn } from "./asking";
import { chosenFolder } from "./folders";
import { asList, asRecord, asText } from "./standing";
import { runVerb } from "./verbs";

/**
 * Ask for recording in one folder, in the program's own words: in short, and in full on request.
 *
 * The program stores that this editor says a person agreed. Whose code it is stays as it was said
 * before, or unknown: it is asked where something is signed, and only there it counts.
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
  const question = {
    text: asText(words["question"]),
    detail: inShort(words),
    leave: "Leave it off",
    act: "Record here",
  };
  if (!(await isWantedInDetail(question, { label: "Details", detail: inFull(words) }))) {
    return false;
  }
  const stored = ["enable", folder, "--asked-in", "vscode", "--json"];
  const result = await runVerb(program, stored);
  if (result.code !== 0) {
    warn(result.complaint);
    return false;
  }
  if (vscode.window.activeTextEditor?.document.uri.scheme !== "file") {
    confirm(`recording in ${folder} begins with the first file of it that you open.`);
  }
  return true;
}

/** A few headed lines: what, what never, and where it stays. */
function inShort(words: Readonly<Record<string, unknown>>): string {
  return asList(words["brief"])
    .map(asRecord)
    .map((one) => `${asText(one["head"])}: ${asText(one["text"])}`)
    .join("\n\n");
}

/** All that the program says before it enables, as paragraphs for a window of any width. */
function inFull(words: Readonly<Record<string, unknown>>): string {
  const where = asText(words["where"]);
  return [
    asText(words["notice"]),
    asText(words["what"]),
    asText(words["never"]),
    asText(words["leaves"]),
    where === "" ? "" : `Where: ${where}\n${asText(words["size"])}`,
  ]
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => paragraph.replace(/([^;:.\n])\n\s+/g, "$1 ").replace(/\n +/g, "\n"))
    .join("\n\n");
}
