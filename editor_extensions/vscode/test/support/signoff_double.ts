import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeFolder, writeProgram } from "./places";

/** A program in the place of `signoff`, which writes down how it was called. */
export interface SignoffDouble {
  readonly path: string;
  /** The verbs it was called with, in order, `--version` left out. */
  calls(): string[];
  /** From now on it lists these rows. */
  list(rows: readonly object[]): void;
  /** From now on every verb fails with these words; "" mends it. */
  breakWith(complaint: string): void;
}

/**
 * Make one that lists these rows. `upload` to `file:///slow` and `seal` last until they are
 * interrupted.
 */
export function makeDouble(rows: readonly object[] = []): SignoffDouble {
  const folder = makeFolder();
  const broken = join(folder, "broken");
  const log = join(folder, "calls");
  const listing = join(folder, "rows");
  const list = (listed: readonly object[]): void => {
    writeFileSync(listing, listed.map((row) => `${JSON.stringify(row)}\n`).join(""));
  };
  list(rows);
  const path = writeProgram(
    join(folder, "signoff"),
    `
[ "$1" = --version ] && { echo "signoff 0.1.0"; exit 0; }
echo "$*" >> '${log}'
[ -e '${broken}' ] && { echo "error: $(cat '${broken}')" >&2; exit 1; }
case "$*" in
  list*) cat '${listing}';;
  *file:///slow*|seal*) exec sleep 600;;
  withdraw*) printf 'error: %s\\nhint: %s\\n' 'no store answers' 'Try later.' >&2; exit 1;;
  status*) echo "what is recorded \u{1F388}\u{1F600}";;
esac`,
  );
  return {
    path,
    list,
    breakWith: (complaint) => {
      if (complaint === "") rmSync(broken);
      else writeFileSync(broken, complaint);
    },
    calls: () => {
      try {
        return readFileSync(log, "utf8").trim().split("\n");
      } catch {
        return [];
      }
    },
  };
}
