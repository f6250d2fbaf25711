/** What the list of files says of each: what was there before the session is not new. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Opened } from "../src/episode/opened";
import { fieldWords } from "../src/player/field_words";

const python = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("support/moved.py", import.meta.url));
const said = execFileSync(python, ["-I", script]).toString("ascii");
const opened = new Opened(Uint8Array.from(Buffer.from(said, "base64")));
const last = opened.content.rows.length + opened.content.edits.count - 1;
const { files } = await opened.summary();

/** Path to what is said of it. */
function told(from: number, to: number): Record<string, string> {
  const listed = opened.changed(from, to).map(({ file, state, added, removed }) => {
    return [files[file] ?? "", `${state} +${added} -${removed}`.trim()];
  });
  return Object.fromEntries(listed) as Record<string, string>;
}

it("calls new what was made, and compares what was there with what it was", () => {
  expect(opened.content.faults).toEqual([]);
  expect(told(-1, last)).toEqual({
    "a.txt": "gone +0 -2",
    "b.txt": "first seen +2 -0",
    "edited.txt": "+1 -0",
    "named.txt": "renamed +2 -0",
    "unwritten.txt": "new +1 -0",
  });
});

it("calls what was moved away gone although its buffer is open", () => {
  expect(told(5, 6)).toEqual({ "a.txt": "gone +0 -2", "b.txt": "first seen +2 -0" });
  expect(told(3, 4)).toEqual({ "made.txt": "new +2 -0" });
});

it("shows fields and searches in words", async () => {
  const { marks } = await opened.summary();
  expect(marks.find((one) => one.kind === "search")?.label).toBe("\u201c\\Vreturn\u201d in file");
  const actor = { class: "typed", basis: "observed", evidence: ["key", "\u{1f642}\u{10348}"] };
  expect(fieldWords("actor", actor)).toBe("typed, observed: key, \u{1f642}\u{10348}");
  expect(fieldWords("actor", { class: "unknown", basis: "none", evidence: [] })).toBe("unknown");
  expect(fieldWords("visible", [{ first: 1, last: 2 }, { first: 5 }])).toBe(
    "first 1, last 2; first 5",
  );
  expect(fieldWords("duration_ns", 2e9)).toBe("2 s");
  expect(fieldWords("gained", true)).toBe("yes");
  expect(fieldWords("query", "\\V".repeat(1000)).length).toBeLessThan(610);
});
