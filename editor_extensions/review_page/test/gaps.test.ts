/** Where gaps lie: as the program tells them, and never over something that was recorded. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { Opened } from "../src/episode/opened";
import { Film } from "../src/player/film";
import { GOLDEN, python } from "./support/python";

interface Silent {
  readonly name: string;
  readonly gaps: readonly (readonly [string, number, number])[];
}

const folder = mkdtempSync(join(tmpdir(), "signoff-gaps-"));
const script = fileURLToPath(new URL("support/silences.py", import.meta.url));
let all: readonly Silent[] = [];

beforeAll(() => {
  const said = execFileSync(python, ["-I", script, folder]).toString("utf8");
  all = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Silent);
}, 120_000);

async function filmOf(name: string): Promise<Film> {
  const bytes = Uint8Array.from(readFileSync(join(folder, name)));
  return new Film(await new Opened(bytes).summary());
}

const gapsOf = (film: Film): Film["marks"] => film.marks.filter((mark) => mark.kind === "gap");

describe("gaps of sealed sessions", () => {
  it("begin at their step and last until something was recorded again", async () => {
    const known = await filmOf(all[0]?.name ?? "");
    expect(gapsOf(known).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [100, 400_200],
      [400_200, 460_200],
      [460_400, 465_400],
    ]);
  });

  it("lie where the program tells them", async () => {
    for (const { name, gaps } of all) {
      const film = await filmOf(name);
      const found = gapsOf(film).map(({ label, fromMs, toMs }) => [
        label.split(" ")[0],
        fromMs,
        toMs,
      ]);
      expect(found, name).toEqual(gaps);
    }
    expect(new Set(all.flatMap(({ gaps }) => gaps.map(([reason]) => reason)))).toEqual(
      new Set(["idle", "paused", "private", "suspended", "dropped"]),
    );
  });

  it("are drawn over no step that is recorded", async () => {
    const golden = readFileSync(join(GOLDEN, "every_kind.episode"));
    const films = await Promise.all(all.map(({ name }) => filmOf(name)));
    films.push(new Film(await new Opened(Uint8Array.from(golden)).summary()));
    for (const film of films) {
      for (const gap of gapsOf(film)) {
        const [from, to] = film.stretchOf(gap);
        expect(from).toBe(film.foldedOf(gap.seq));
        expect(to).toBeLessThanOrEqual(film.length);
        for (let seq = 0; seq < film.steps; seq++) {
          if (film.markAt(seq)?.kind === "gap") continue;
          const here = film.foldedOf(seq);
          expect(from < here && here < to, `step ${seq} in the gap of ${gap.seq}`).toBe(false);
        }
      }
    }
  });

  it("leave commands where they were: before the step that tells of their end", async () => {
    const films = await Promise.all(all.map(({ name }) => filmOf(name)));
    const commands = films.flatMap((film) => film.marks.filter((one) => one.kind === "command"));
    expect(commands.length).toBeGreaterThan(0);
    for (const { tMs, fromMs, toMs } of commands) {
      expect([fromMs, toMs]).toEqual([Math.max(tMs - 3000, 0), tMs]);
    }
  });
});
