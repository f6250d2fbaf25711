import * as vscode from "vscode";

import { warn } from "../asking";
import { runShown } from "../cancellable";
import { INTERRUPTED } from "../verbs";
import type { OldStates } from "./old_states";

/** Show what was done today, as a text: a rendered page would load pictures that texts name. */
export async function showToday(program: string, states: OldStates): Promise<void> {
  const done = await runShown("Signoff: looking at today", program, ["today", "--markdown"]);
  if (done.code === INTERRUPTED) return;
  if (done.code !== 0) {
    warn(done.complaint);
    return;
  }
  const document = await states.named("Today.md", done.output);
  await vscode.window.showTextDocument(document, { preview: true });
}
