/** Files that are whole but lie: the page's reader says of them what the program's says. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DamagedError } from "../src/episode/damage";
import { Opened } from "../src/episode/opened";
import { treeOf } from "./support/python";

const python = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("support/hostile.py", import.meta.url));

interface Lie {
  readonly what: "columns" | "rest";
  readonly data: string;
  readonly states: Record<string, unknown> | null;
}

function lies(count: number, seed: number): Lie[] {
  const said = execFileSync(python, ["-I", script, String(count), String(seed)], {
    maxBuffer: 1 << 28,
  });
  return said
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Lie);
}

/** The last states; null where the file is refused or something of it is damaged. */
function statesOf(data: string): Record<string, unknown> | null {
  try {
    const opened = new Opened(Uint8Array.from(Buffer.from(data, "base64")));
    const { content, moments } = opened;
    if (content.faults.length + moments.faults.length > 0) return null;
    return treeOf(opened, content.rows.length + content.edits.count - 1);
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
  }
}

describe("whole frames that lie", () => {
  const all = lies(800, 20_261_122);

  it("are many enough to say something", () => {
    const read = all.filter((lie) => lie.states !== null).length;
    expect(Math.min(read, all.length - read)).toBeGreaterThan(100);
  });

  it("about edits are read to the program's states, or refused by both", () => {
    for (const [n, lie] of all.entries()) {
      if (lie.what === "columns") expect(statesOf(lie.data), `file ${n}`).toEqual(lie.states);
    }
  });

  it("about the rest are read to the program's states wherever the program reads them", () => {
    // The program refuses more: it holds every field of every step against its schema.
    for (const [n, lie] of all.entries()) {
      const ours = statesOf(lie.data);
      if (lie.states !== null) expect(ours, `file ${n}`).toEqual(lie.states);
    }
  });
});
