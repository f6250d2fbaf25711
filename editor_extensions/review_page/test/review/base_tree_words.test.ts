import { expect, test } from "vitest";
import type { BaseTree, TreeFile } from "../../src/review/contract";
import type { WithBase } from "../../src/schemas/plan";
import { carriedWords, groupsOf, chosenWith, matching } from "../../src/review/base_tree_words";

const FILE: TreeFile = {
  place: 0,
  path: "a \u{1f642}\u{10348}.py",
  size_bytes: 10,
  state: "carried",
  why: null,
  line: null,
  group: "own",
  licence: null,
  samples: [],
};
const TREE: BaseTree = {
  possible: true,
  why_not: null,
  hint: null,
  commit: "3f9a1c2d4e5f",
  claim: "private",
  claim_text: null,
  list_sha256: "a".repeat(64),
  is_chosen: true,
  files: [
    FILE,
    { ...FILE, place: null, path: ".env", state: "left_out", why: "never recorded" },
    { ...FILE, place: 1, path: "lib/x.js", state: "unticked", group: "vendored" },
    { ...FILE, place: 2, path: "z.py" },
  ],
  files_carried: 2,
  bytes_carried: 20,
  files_left_out: 2,
};

test("what needs a look comes first, and in each group what never goes along", () => {
  const found = groupsOf(TREE.files).map(({ name, files }) => [name, files.map((one) => one.path)]);
  expect(found).toEqual([
    ["vendored", ["lib/x.js"]],
    ["own", [".env", FILE.path, "z.py"]],
  ]);
});

const LIST = "a".repeat(64);
const said = (leave_out: number[], take_in: number[] = []): WithBase => ({
  list_sha256: LIST,
  leave_out,
  take_in,
});

test("unticking one file leaves out what was left out before, and it too", () => {
  expect(chosenWith(null, LIST)).toEqual(said([]));
  expect(chosenWith(said([1]), LIST, [FILE], false)).toEqual(said([0, 1]));
  expect(chosenWith(said([1]), LIST, TREE.files, true)).toEqual(said([]));
  expect(chosenWith(said([1]), LIST, TREE.files, false)).toEqual(said([0, 1, 2]));
  expect(chosenWith({ ...said([1]), list_sha256: "b" }, LIST, [FILE], false)).toEqual(said([0]));
});

test("a file with a word that nobody knows is taken in or stays, and is never left out", () => {
  const asked: TreeFile = { ...FILE, place: 3, path: "word.py", state: "asked", line: 4 };
  const taken = chosenWith(null, LIST, [asked], true);
  expect(taken).toEqual(said([], [3]));
  expect(chosenWith(said([3]), LIST, [{ ...asked, state: "unticked" }], true)).toEqual(taken);
  const carried: TreeFile = { ...asked, state: "carried" };
  expect(chosenWith(taken, LIST, [carried, FILE], false)).toEqual(said([0]));
});

test("what was said of a file that a cut or another task leaves out here stays", () => {
  const cut: TreeFile = { ...FILE, place: 4, path: "cut.py", state: "left_out", why: "cut" };
  const word: TreeFile = { ...cut, place: 5, path: "word.py", line: 7 };
  expect(chosenWith(said([4], [5]), LIST, [FILE, cut, word], true)).toEqual(said([4], [5]));
  expect(chosenWith(said([4], [5]), LIST, [FILE, cut, word], false)).toEqual(said([0, 4], [5]));
});

test("files are found by a part of their name, whatever its case", () => {
  expect(matching(TREE.files, " Z.P ").map((one) => one.path)).toEqual(["z.py"]);
  expect(matching(TREE.files, "")).toEqual(TREE.files);
});

test("how much goes along is told as what would, until it is chosen", () => {
  expect(carriedWords(TREE)).toBe("2 files are included, 20 bytes; 2 files are not.");
  expect(carriedWords({ ...TREE, files_left_out: 1 })).toBe(
    "2 files are included, 20 bytes; 1 file is not.",
  );
  expect(carriedWords({ ...TREE, is_chosen: false, files_left_out: 0 })).toBe(
    "2 files would be included, 20 bytes.",
  );
});
