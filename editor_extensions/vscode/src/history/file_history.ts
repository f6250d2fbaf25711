import { basename } from "node:path";
import * as vscode from "vscode";

import { confirm, isWanted, say, warn } from "../asking";
import { runQuietly } from "../cancellable";
import { whileRestoring } from "../restoring";
import { changedSpan } from "./changed_span";
import { OLD_STATE_SCHEME, type OldStates } from "./old_states";
import { clockTime, type Point, readPoints } from "./rows";

/** As many as the program lists unless it is told `--all`. */
const MOST_POINTS = 30;

interface PointItem extends vscode.QuickPickItem {
  /** Undefined: the older ones too. */
  readonly point?: Point;
}

/**
 * Let the person choose a state of the active file: each is shown as a difference while it is
 * looked at, and Enter puts it into the open document. The file itself is not written.
 */
export async function showFileHistory(program: string, states: OldStates): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme !== "file") {
    say("no file is active; open the one whose history you want.");
    return;
  }
  await offerPoints(program, states, document, []);
}

async function offerPoints(
  program: string,
  states: OldStates,
  document: vscode.TextDocument,
  options: readonly string[],
): Promise<void> {
  const path = document.uri.fsPath;
  const words = ["restore", "--json", ...options, "--", path];
  const listed = await runQuietly("Signoff: looking into the history", program, words);
  if (listed.code !== 0) {
    warn(listed.complaint);
    return;
  }
  const points = readPoints(listed.rows);
  const isCut = options.length === 0 && points.length === MOST_POINTS;
  const old = (point: Point): Promise<vscode.TextDocument> =>
    states.document(program, path, point, document.encoding);
  const chosen = await choose(document, points, isCut, old);
  if (chosen === undefined) return;
  if (chosen.point === undefined) await offerPoints(program, states, document, ["--all"]);
  else await putBack(document.uri, await old(chosen.point));
}

function choose(
  document: vscode.TextDocument,
  points: readonly Point[],
  isCut: boolean,
  old: (point: Point) => Promise<vscode.TextDocument>,
): Promise<PointItem | undefined> {
  const name = basename(document.uri.fsPath);
  const preview = new Preview(async (point, isWanted) => {
    const { uri } = await old(point);
    if (!isWanted()) return;
    const title = `${name}: ${clockTime(point.time)} \u2194 now`;
    const how = { preview: true, preserveFocus: true };
    const earlier = differences();
    await vscode.commands.executeCommand("vscode.diff", uri, document.uri, title, how);
    await vscode.window.tabGroups.close(earlier, true);
  });
  const picker = vscode.window.createQuickPick<PointItem>();
  picker.title = `Signoff: history of ${name}`;
  picker.placeholder = "Enter puts the state back into the editor; Escape leaves everything";
  picker.matchOnDescription = true;
  picker.ignoreFocusOut = true; // the difference opens behind it
  picker.items = [
    ...points.map(pointItem),
    ...(isCut ? [{ label: "$(ellipsis) Older ones too" }] : []),
  ];
  return new Promise((resolve) => {
    let chosen: PointItem | undefined;
    picker.onDidChangeActive(([item]) => {
      preview.show(item?.point);
    });
    picker.onDidAccept(() => {
      chosen = picker.activeItems[0];
      picker.hide();
    });
    picker.onDidHide(() => {
      picker.dispose();
      void preview.end().then(() => {
        resolve(chosen);
      });
    });
    picker.show();
  });
}

function pointItem(point: Point): PointItem {
  const masked = point.isMasked ? "  (masked)" : "";
  return {
    label: `$(history) ${clockTime(point.time)}`,
    description: `${sizeOf(point)}  ${point.why}${masked}`,
    point,
  };
}

/** The tabs that show an old state beside a file. */
function differences(): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(
    ({ input }) =>
      input instanceof vscode.TabInputTextDiff && input.original.scheme === OLD_STATE_SCHEME,
  );
}

function sizeOf({ added, removed }: Point): string {
  return added + removed === 0 ? "same as the file" : `+${added} \u2212${removed}`;
}

/** Shows one state after the other; those passed over meanwhile are left out. */
class Preview {
  private wanted: Point | undefined;
  private following: Promise<void> | undefined;

  /** @param open shows a state, unless it is no longer wanted once it is at hand */
  constructor(private readonly open: (point: Point, isWanted: () => boolean) => Promise<void>) {}

  show(point: Point | undefined): void {
    this.wanted = point;
    this.following ??= this.follow().finally(() => (this.following = undefined));
  }

  /** Show nothing more; resolves when nothing more will open. */
  async end(): Promise<void> {
    this.wanted = undefined;
    await this.following;
  }

  private async follow(): Promise<void> {
    let shown: Point | undefined;
    try {
      while (this.wanted !== undefined && this.wanted !== shown) {
        const point = (shown = this.wanted);
        await this.open(point, () => this.wanted === point);
      }
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Make the document hold the old state, as one edit that undo takes back. */
async function putBack(uri: vscode.Uri, old: vscode.TextDocument): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const name = basename(uri.fsPath);
  const ending = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const text = old.getText().replace(/\r\n|\r|\n/g, ending);
  if (changedSpan(document.getText(), text) === undefined) {
    confirm(`${name} is already as it was.`);
    return;
  }
  if (document.isDirty && !(await isUnsavedTextGivenUp(name))) return;
  const span = changedSpan(document.getText(), text); // it may have changed while asked
  if (span === undefined) return;
  const range = new vscode.Range(document.positionAt(span.start), document.positionAt(span.end));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, range, span.text);
  if (!(await whileRestoring(uri, span.text, () => vscode.workspace.applyEdit(edit)))) {
    warn(`${name} could not be changed.`);
    return;
  }
  await vscode.window.showTextDocument(document, { preview: false });
  await vscode.window.tabGroups.close(differences(), true);
  confirm(`${name} is as it was, not saved; undo takes it back.`);
}

function isUnsavedTextGivenUp(name: string): Promise<boolean> {
  return isWanted({
    text: `Replace the unsaved text of ${name}?`,
    detail: "The editor gets the old state. Undo brings the unsaved text back; no file is written.",
    leave: "Leave it",
    act: "Replace",
  });
}
