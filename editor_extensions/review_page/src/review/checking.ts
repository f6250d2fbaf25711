// To check: groups in the order a person goes through them, and what each action is called.
import type { CheckList, Group, GroupAction, GroupKind, Item, MaskedValue } from "./contract";
import { count, listed } from "./words";

export const KINDS: Readonly<Record<GroupKind, string>> = {
  novel: "Unknown words and random strings",
  residue: "Left open when sealing",
  name: "Names",
  output: "Long lines of output",
  entered: "Text from steps that are not included",
  redaction: "Masked already",
};

/** What a kind is, in one sentence; nothing is promised that is not so. */
export const KIND_WORDS: Readonly<Record<GroupKind, string>> = {
  novel: "No program can tell whether one of these is a secret. Only you can.",
  residue: "Sealing could not tell what these are, and left them as they are.",
  name: "Names say what you work on. A file's name goes only with its file.",
  output: "Programs print more than anybody reads.",
  entered: "It was typed outside of what you include and is still in a file, so it comes along.",
  redaction:
    "These were recognised. Whoever reads the file sees that something was masked, where and why.",
};

const ORDER: readonly GroupKind[] = ["residue", "novel", "name", "output", "entered", "redaction"];

export interface ActionWords {
  readonly key: string;
  readonly words: string;
  /** On the button of one item. */
  readonly short: string;
  readonly done: string;
}

export const ACTIONS: Readonly<Record<GroupAction, ActionWords>> = {
  mask: { key: "x", words: "Mask", short: "Mask", done: "Masked everywhere." },
  accept: { key: "a", words: "Share as it is", short: "Share", done: "Shared as it is." },
  cut_file: { key: "Delete", words: "Cut the file", short: "Cut", done: "The file is cut." },
  unmask: { key: "w", words: "Unmask…", short: "Unmask…", done: "Unmasked." },
  show: { key: "s", words: "See it there", short: "See it", done: "" },
};

/** Everything that still waits, at once; the harmless one first. */
export const FOR_THE_REST = [
  {
    action: "mask",
    key: "X",
    words: "Mask the rest",
    done: "What was left is masked, where it can be. Undo takes it back.",
  },
  {
    action: "accept",
    key: "A",
    words: "Share the rest as it is",
    done: "What was left is shared as it is. Undo takes it back.",
  },
] as const;

/** The list: what waits for a decision first, then by kind, as the server ordered them. */
export function ordered(list: CheckList): Group[] {
  return list.groups.toSorted(
    (a, b) =>
      Number(b.needs_decision) - Number(a.needs_decision) ||
      ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind),
  );
}

/** Whether a group still waits for the person. */
export function waits(group: Group): boolean {
  return group.needs_decision && group.state === null;
}

export interface Progress {
  readonly done: number;
  readonly all: number;
  readonly words: string;
}

/** "7 of 12 decided". */
export function progressOf(groups: readonly Group[]): Progress {
  const all = groups.filter((group) => group.needs_decision);
  const done = all.filter((group) => group.state !== null).length;
  const words =
    all.length === 0 ? "There is nothing you have to decide." : `${done} of ${all.length} decided`;
  return { done, all: all.length, words };
}

/** The group to go to after this one: the next that waits, round the end; else this one. */
export function nextWaiting(groups: readonly Group[], id: string | null): string | null {
  const from = groups.findIndex((group) => group.id === id);
  for (let step = 1; step <= groups.length; step++) {
    const group = groups[(from + step + groups.length) % groups.length];
    if (group !== undefined && waits(group)) return group.id;
  }
  return id ?? groups[0]?.id ?? null;
}

/** The group so many places away, held at both ends. */
export function neighbour(groups: readonly Group[], id: string | null, by: number): string | null {
  const at = groups.findIndex((group) => group.id === id);
  return groups[Math.max(0, Math.min(groups.length - 1, at + by))]?.id ?? null;
}

/** What became of a group, in a word. */
export function stateWords(group: Group): string {
  switch (group.state) {
    case "masked":
      return group.needs_decision || group.kind === "redaction" ? "masked" : "masked by default";
    case "accepted":
      return "shared as it is";
    case "unmasked":
      return "unmasked";
    case "mixed":
      return "decided one by one";
    case null:
      if (!group.needs_decision) return "as it is";
      return group.left < group.count ? `${group.left} to decide` : "to decide";
  }
}

/** What became of an item. */
export function itemState(item: Item): string {
  switch (item.state) {
    case "accepted":
      return "shared as it is";
    case null:
      return item.actions.includes("accept") ? "to decide" : "as it is";
    default:
      return item.state;
  }
}

/** How much a group is: its items, and the places that an action on it changes. */
export function sizeWords(group: Group): string {
  const places = count(group.places, "place");
  return group.count > 1 ? `${group.count} listed, ${places}` : places;
}

/** A context in three parts; `start` and `length` count code points. */
export function parts(context: string, start: number, length: number): [string, string, string] {
  const letters = Array.from(context);
  return [
    letters.slice(0, start).join(""),
    letters.slice(start, start + length).join(""),
    letters.slice(start + length).join(""),
  ];
}

/** What masking a value did. Never the value. */
export function maskedWords(done: MaskedValue): string {
  const places = [
    ...(done.texts > 0 ? [`${count(done.texts, "place")} in files`] : []),
    ...(done.fields > 0 ? [`${count(done.fields, "place")} in other steps`] : []),
  ];
  const said = places.length === 0 ? "It is in no text here." : `Masked: ${listed(places)}.`;
  if (done.names.length === 0) return said;
  const names = count(done.names.length, "file name");
  const hold = done.names.length === 1 ? "holds" : "hold";
  return `${said} ${names} ${hold} it too: only cutting the file takes a name out.`;
}
