/** Bytes nobody vouches for: an error, faults that are told, or the same states; never a hang. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DamagedError } from "../src/episode/damage";
import { Opened } from "../src/episode/opened";
import { contentsOf, fileOf, joinedBytes, numbers, rawFrame } from "./support/mutating";
import { GOLDEN } from "./support/python";

const golden = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(join(GOLDEN, `${name}.episode`)));
const HEAD = golden("every_kind").subarray(0, 18);

/** Ask everything that can be asked, as text. */
function told(opened: Opened): string {
  const last = opened.content.rows.length + opened.content.edits.count - 1;
  const files = opened.filesAt(last);
  return JSON.stringify([
    files.map((file) => opened.fileAt(file, last)),
    opened.changed(-1, last),
    opened.search({ text: "a", matchCase: false, isPattern: false }).count,
    opened.deleted(),
    opened.content.rows.map((row) => opened.row(row.seq).kind),
    opened.content.rows.map((row) => opened.outputParts(row.seq)),
  ]);
}

/** What comes of some bytes: the states, "" where faults are told, null where they are refused. */
function outcome(bytes: Uint8Array): string | null {
  try {
    const opened = new Opened(bytes);
    const states = told(opened);
    return opened.content.faults.length + opened.moments.faults.length > 0 ? "" : states;
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
  }
}

describe.each(["every_kind", "two_cursors", "empty"])("%s with something wrong", (name) => {
  const whole = golden(name);
  const states = outcome(whole);

  it("is read to its states when nothing is", () => {
    expect(states).not.toBe("");
    expect(states).not.toBeNull();
  });

  it("is refused, told or the same with any byte changed", () => {
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at * 5) % 8);
      expect([null, "", states], `byte ${at}`).toContain(outcome(changed));
    }
  });

  it("is refused or told when it is cut short anywhere", () => {
    for (let length = 0; length < whole.length; length++) {
      expect([null, ""], `${length} bytes`).toContain(outcome(whole.subarray(0, length)));
    }
  });

  it("is read the same from frames that nothing compressed", () => {
    expect(outcome(fileOf(HEAD, contentsOf(whole)))).toBe(states);
  });

  it("never breaks the reader with what whole frames hold", () => {
    const random = numbers(23);
    const contents = contentsOf(whole);
    for (let round = 0; round < 1500; round++) {
      const which = random(contents.length);
      const changed = contents.map((content, n) => (n === which ? content.slice() : content));
      const content = changed[which];
      for (let n = random(3); content !== undefined && n >= 0; n--) {
        content[random(content.length)] = random(256);
      }
      outcome(fileOf(HEAD, changed));
    }
  });
});

describe("a file made to hurt", () => {
  const text = (word: string): Uint8Array =>
    joinedBytes([Uint8Array.of(0xa0 | word.length), new TextEncoder().encode(word)]);
  const frame = (kind: string, name: string, body: Uint8Array): Uint8Array =>
    joinedBytes([Uint8Array.of(0x94), text(kind), text(name), Uint8Array.of(1), body]);
  const faultsOf = (contents: Uint8Array[]): string[] => [
    ...new Opened(fileOf(HEAD, contents)).content.faults,
  ];

  it("is told of a key that stands twice", () => {
    const body = joinedBytes([
      Uint8Array.of(0x82),
      text("a"),
      Uint8Array.of(1),
      text("a"),
      Uint8Array.of(2),
    ]);
    expect(faultsOf([frame("header", "", body)]).join()).toContain("same key twice");
  });

  it("is told of an extension type", () => {
    expect(faultsOf([frame("header", "", Uint8Array.of(0xd4, 1, 0))]).join()).toContain(
      "extension",
    );
  });

  it("is told of arrays within arrays without end", () => {
    expect(faultsOf([frame("header", "", new Uint8Array(100_000).fill(0x91))]).join()).toContain(
      "nested too deeply",
    );
  });

  it("is told of an array that says it is enormous", () => {
    const body = Uint8Array.of(0xdd, 255, 255, 255, 255);
    expect(faultsOf([frame("header", "", body)]).join()).toContain("does not end");
  });

  it("takes a key called __proto__ for a key", () => {
    const body = joinedBytes([Uint8Array.of(0x81), text("__proto__"), Uint8Array.of(0x80)]);
    expect(() => faultsOf([frame("header", "", body)])).not.toThrow();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("is refused when a frame says it holds more than a reader takes", () => {
    const bomb = rawFrame(new Uint8Array(8)).slice();
    new DataView(bomb.buffer).setBigUint64(5, 1n << 40n, true);
    const whole = joinedBytes([HEAD, bomb]);
    expect([null, ""]).toContain(outcome(whole));
  });
});
