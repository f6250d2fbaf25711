/** How each path came into an episode, from the first step that names it. */
import { filesSeen } from "./reader";
import { field, ordinalOf, textOf } from "./message_pack";
import type { Row } from "./types";

/** There: it existed before that step, which tells its content. Seen: nobody knows since when. */
export type Origin = "created" | "there" | "renamed" | "seen";

export interface Arrival {
  readonly seq: number;
  readonly origin: Origin;
  /** Whether that step tells what was in it. */
  readonly isTold: boolean;
}

export class Origins {
  private readonly byPath = new Map<string, Arrival>();

  /** `sizeOf` a blob, in bytes. */
  constructor(private readonly sizeOf: (blob: number) => number) {}

  /** Follow the steps in order. */
  follow(row: Row): void {
    const { kind, seq, fields } = row;
    const isStart = kind === "files" && field(fields, "is_base") === true;
    for (const item of filesSeen(row)) {
      const isTold = ordinalOf(item, "blob") !== null;
      const isFile =
        isTold || field(item, "without_content") === true || textOf(item, "sha256") !== "";
      const origin = !isStart ? "seen" : isFile ? "there" : "created";
      this.meet(textOf(item, "path"), seq, origin, isTold);
    }
    const path = textOf(fields, "path");
    if (kind === "rename") {
      this.meet(textOf(fields, "old_path"), seq, "seen");
      this.meet(path, seq, "renamed");
    } else if (kind === "create") {
      this.meet(path, seq, "created");
    } else if (kind === "open") {
      this.meet(path, seq, this.isThere(row) ? "there" : "created");
    } else if (kind === "delete" || kind === "resync" || kind === "save") {
      this.meet(path, seq, "seen");
    }
  }

  of(path: string): Arrival | null {
    return this.byPath.get(path) ?? null;
  }

  private meet(path: string, seq: number, origin: Origin, isTold = true): void {
    const known = this.byPath.get(path);
    const tellsMore = known?.origin === "there" && !known.isTold && origin === "there";
    if (path !== "" && (known === undefined || tellsMore)) {
      this.byPath.set(path, { seq, origin, isTold });
    }
  }

  /** An editor opens a file that is nowhere yet as an empty text without a form on disk. */
  private isThere({ fields }: Row): boolean {
    const blob = ordinalOf(fields, "blob");
    return (
      textOf(fields, "reason", "open") !== "open" ||
      (blob !== null && this.sizeOf(blob) > 0) ||
      (field(fields, "form") ?? null) !== null
    );
  }
}
