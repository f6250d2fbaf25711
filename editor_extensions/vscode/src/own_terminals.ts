import { homedir } from "node:os";
import * as vscode from "vscode";

const SETTINGS_OF: ReadonlyMap<string, string> = new Map([
  ["darwin", "osx"],
  ["win32", "windows"],
]);

const own = new WeakSet<vscode.Terminal>();

/** Mark a terminal in which Signoff shows recorded text; nothing of it is ever read. */
export function markOwn(terminal: vscode.Terminal): vscode.Terminal {
  own.add(terminal);
  return terminal;
}

/** Say whether a terminal was marked as one that shows recorded text. */
export function isOwn(terminal: vscode.Terminal): boolean {
  return own.has(terminal);
}

/**
 * Open a verb of the program in a terminal of its own among the editors.
 *
 * Transient: neither its process nor what it printed is kept over a reload. The environment is
 * that of the editor alone: workspace settings and other extensions add nothing (threat 1).
 */
export function openOwnTerminal(
  name: string,
  program: string,
  words: readonly string[],
  icon: string,
): void {
  const terminal = vscode.window.createTerminal({
    name,
    shellPath: program,
    shellArgs: [...words],
    cwd: homedir(),
    env: ownEnvironment(),
    strictEnv: true,
    isTransient: true,
    iconPath: new vscode.ThemeIcon(icon),
    location: vscode.TerminalLocation.Editor,
  });
  markOwn(terminal).show();
  // A terminal among the editors is shown without the keyboard; its process is waited for.
  void terminal.processId.then(() =>
    vscode.commands.executeCommand("workbench.action.terminal.focus"),
  );
}

/** The editor's own environment; `null` takes a name out that the settings would put in. */
function ownEnvironment(): Record<string, string | null> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(VSCODE|ELECTRON)_/.test(entry[0]),
  );
  // A remote window drops `strictEnv`, and applies these settings, of workspaces too.
  const settings = vscode.workspace.getConfiguration("terminal.integrated.env");
  const named = Object.keys(settings.get<object>(SETTINGS_OF.get(process.platform) ?? "linux", {}));
  return { ...Object.fromEntries(named.map((name) => [name, null])), ...Object.fromEntries(kept) };
}
