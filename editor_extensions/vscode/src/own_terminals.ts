import type { Terminal } from "vscode";

const own = new WeakSet<Terminal>();

/** Mark a terminal in which Signoff shows recorded text; nothing of it is ever read. */
export function markOwn(terminal: Terminal): Terminal {
  own.add(terminal);
  return terminal;
}

/** Say whether a terminal was marked as one that shows recorded text. */
export function isOwn(terminal: Terminal): boolean {
  return own.has(terminal);
}
