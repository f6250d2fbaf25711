import { Disposable } from "vscode";

import type { ObservedWindow } from "../observed_window";
import { observeAnchors } from "./anchors";
import { Diagnostics } from "./diagnostics";
import { Evidence } from "./evidence";
import { observeExplorer } from "./explorer";
import { Focus } from "./focus";
import { LiveShareWatch } from "./live_share";
import { Looking } from "./looking";
import { PasteWitness } from "./paste_witness";
import { Repositories } from "./repositories";
import { SeenLines } from "./seen_lines";
import { Tasks } from "./tasks";
import { TerminalEnvironment } from "./terminal_environment";
import { Terminals } from "./terminals";

/** Begin to tell the bridge what happens in this window; disposing ends it. */
export function observe(window: ObservedWindow): Disposable {
  const pastes = new PasteWitness(window);
  const lines = { ofTerminals: new SeenLines(), ofTasks: new SeenLines() };
  return Disposable.from(
    new LiveShareWatch(window),
    observeAnchors(window),
    pastes,
    new Evidence(window, pastes),
    new Looking(window),
    new Focus(window),
    new Diagnostics(window),
    new Terminals(window, lines),
    new Tasks(window, lines),
    new Repositories(window),
    observeExplorer(window),
    new TerminalEnvironment(window),
  );
}
