import { expect, test } from "vitest";
import {
  ACTIONS,
  FOR_THE_REST,
  itemState,
  maskedWords,
  neighbour,
  nextWaiting,
  ordered,
  parts,
  progressOf,
  sizeWords,
  stateWords,
  waits,
} from "../../src/review/checking";
import type { Group, Item } from "../../src/review/contract";

function group(id: string, more: Partial<Group> = {}): Group {
  return {
    id,
    kind: "novel",
    title: id,
    samples: [],
    count: 1,
    places: 1,
    left: 1,
    state: null,
    actions: ["mask", "accept"],
    suggested: "mask",
    needs_decision: true,
    ...more,
  };
}

test("what waits comes first, then kinds in a fixed order", () => {
  const list = ordered({
    groups: [
      group("masked", { kind: "redaction", needs_decision: false, state: "masked" }),
      group("output", { kind: "output" }),
      group("novel"),
      group("open", { kind: "residue" }),
    ],
    decisions_needed: 3,
  });
  expect(list.map((one) => one.id)).toEqual(["open", "novel", "output", "masked"]);
});

test("progress counts decisions only", () => {
  const groups = [
    group("a", { state: "masked" }),
    group("b"),
    group("c", { needs_decision: false, state: "masked" }),
  ];
  expect(progressOf(groups)).toEqual({ done: 1, all: 2, words: "1 of 2 decided" });
  expect(progressOf([]).words).toBe("There is nothing you have to decide.");
});

test("the next that waits is found round the end, and stays where none waits", () => {
  const groups = [group("a"), group("b", { state: "accepted" }), group("c")];
  expect(nextWaiting(groups, null)).toBe("a");
  expect(nextWaiting(groups, "a")).toBe("c");
  expect(nextWaiting(groups, "c")).toBe("a");
  const done = groups.map((one): Group => ({ ...one, state: "masked" }));
  expect(nextWaiting(done, "c")).toBe("c");
  expect(nextWaiting([], null)).toBe(null);
});

test("neighbours are held at both ends", () => {
  const groups = [group("a"), group("b")];
  expect(neighbour(groups, "a", -1)).toBe("a");
  expect(neighbour(groups, "a", 1)).toBe("b");
  expect(neighbour(groups, "b", 1)).toBe("b");
  expect(neighbour([], null, 1)).toBe(null);
});

test("offsets in a context are code points", () => {
  expect(parts("\u{1f642}ab\u{10348}c", 1, 2)).toEqual(["\u{1f642}", "ab", "\u{10348}c"]);
});

test("every action has a key of its own", () => {
  const keys = [...Object.values(ACTIONS), ...FOR_THE_REST].map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a state is one honest word", () => {
  expect(stateWords(group("a"))).toBe("to decide");
  expect(stateWords(group("a", { needs_decision: false, state: "masked" }))).toBe(
    "masked by default",
  );
  expect(waits(group("a", { state: "accepted" }))).toBe(false);
});

test("a group is as large as what an action on it changes", () => {
  expect(sizeWords(group("a", { places: 12 }))).toBe("12 places");
  expect(sizeWords(group("a", { count: 237, places: 812 }))).toBe("237 listed, 812 places");
  expect(stateWords(group("a", { count: 5, left: 3 }))).toBe("3 to decide");
  expect(stateWords(group("a", { count: 5, left: 0, state: "mixed" }))).toBe("decided one by one");
});

test("an item says what became of it", () => {
  const item: Item = {
    id: "a",
    title: "a",
    sample: null,
    places: 1,
    where: [],
    state: null,
    actions: ["accept", "mask"],
  };
  expect(itemState(item)).toBe("to decide");
  expect(itemState({ ...item, state: "masked" })).toBe("masked");
  expect(itemState({ ...item, state: "accepted" })).toBe("shared as it is");
  expect(itemState({ ...item, actions: ["unmask"] })).toBe("as it is");
});

test("what masking did is told without the value", () => {
  const parting = { begins: [], joined: [] };
  const changed = { tasks: [], plan: { base_sha256: "" }, revision: 1, can_undo: true, parting };
  expect(maskedWords({ ...changed, texts: 2, fields: 1, names: [] })).toBe(
    "Masked: 2 places in files and 1 place in other steps.",
  );
  expect(maskedWords({ ...changed, texts: 0, fields: 0, names: ["secret.txt"] })).toBe(
    "It is in no text here. 1 file name holds it too: only cutting the file takes a name out.",
  );
});
