const MOST_LINES = 64;
const KEPT_MS = 5_000;

/**
 * Command lines seen a moment ago. VS Code tells of a task twice, as a task and as what its
 * terminal ran: the terminal's telling has the output, the task's says what it was.
 */
export class SeenLines {
  private readonly seen: { readonly line: string; atMs: number }[] = [];

  /** Note that a line runs, or has ended, at this moment. */
  note(line: string, nowMs: number): void {
    const known = this.seen.find((one) => one.line === line);
    if (known !== undefined) known.atMs = nowMs;
    else this.seen.push({ line, atMs: nowMs });
    if (this.seen.length > MOST_LINES) this.seen.shift();
  }

  /** Say whether a line was noted since then, or up to 5 s before. */
  has(line: string, sinceMs: number): boolean {
    return this.seen.some((one) => one.line === line && one.atMs >= sinceMs - KEPT_MS);
  }
}
