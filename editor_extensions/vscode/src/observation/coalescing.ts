import type { Disposable } from "vscode";

const MOST_WAITING = 256;

/**
 * Calls an action once for many marks of the same key, at most once in `waitMs` per key.
 *
 * One timer serves all keys and runs only while something waits. At most 256 keys wait: what is
 * marked beyond that is left out, since it is told again with the next mark.
 */
export class Coalescer<Key> implements Disposable {
  private readonly waiting = new Set<Key>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly waitMs: number,
    private readonly act: (key: Key) => void,
  ) {}

  /** Let the action be called for this key soon. */
  mark(key: Key): void {
    if (this.waiting.size < MOST_WAITING) this.waiting.add(key);
    this.timer ??= setTimeout(() => {
      this.run();
    }, this.waitMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private run(): void {
    this.timer = undefined;
    const due = [...this.waiting];
    this.waiting.clear();
    for (const key of due) this.act(key);
  }
}
