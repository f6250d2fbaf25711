import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished, vi } from "vitest";

export const DEADLINE_MS = 80_000;

/**
 * Make a folder of this test, taken away when it has ended: a watcher that still writes there ends
 * by itself once its session is gone.
 */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "signoff-vscode-test-")));
  onTestFinished(async () => {
    const remove = (): void => {
      rmSync(folder, { recursive: true, force: true });
    };
    await vi.waitFor(remove, { timeout: DEADLINE_MS, interval: 50 });
  });
  return folder;
}

/** Write an executable shell script, with the folders above it. */
export function writeProgram(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
