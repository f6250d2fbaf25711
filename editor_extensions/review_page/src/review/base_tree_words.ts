// The files of the base commit: in groups, counted, and what a plan says when one is unticked.
import type { WithBase } from "../schemas/plan";
import type { BaseTree, TreeFile, TreeGroup } from "./contract";
import { count, size } from "./words";

/** So many files of a group are listed; others are found by a part of their name. */
export const MOST_SHOWN = 200;

export const GROUP_WORDS: Readonly<Record<TreeGroup, string>> = {
  other_licence: "Of another licence",
  vendored: "Other people's code, kept here",
  generated: "Made by programs",
  own: "The repository's own",
};

/** What needs a look comes first. */
const ORDER: readonly TreeGroup[] = ["other_licence", "vendored", "generated", "own"];

const STATES: readonly TreeFile["state"][] = ["asked", "left_out", "unticked", "carried"];

export interface FilesOfGroup {
  readonly name: TreeGroup;
  readonly files: readonly TreeFile[];
}

/** The groups that have files: in each first what is asked about, then what does not go along. */
export function groupsOf(files: readonly TreeFile[]): FilesOfGroup[] {
  return ORDER.map((name) => ({
    name,
    files: files
      .filter((file) => file.group === name)
      .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state)),
  })).filter((group) => group.files.length > 0);
}

/** Files whose path holds a text, whatever its case. */
export function matching(files: readonly TreeFile[], text: string): readonly TreeFile[] {
  const wanted = text.trim().toLowerCase();
  return wanted === "" ? files : files.filter((file) => file.path.toLowerCase().includes(wanted));
}

/** Whether the person can say that a file goes along or does not. */
export function isChoosable(file: TreeFile): boolean {
  return file.place !== null && file.state !== "left_out";
}

/** What the plan says once some files are ticked or no longer.
 *
 * It goes on from what the plan says: a file that a cut or another kept task leaves out here may
 * be unticked all the same, and stays so.
 *
 * @param before - of the plan; for another list it counts for nothing. */
export function chosenWith(
  before: WithBase | null | undefined,
  list: string,
  files: readonly TreeFile[] = [],
  isOn = true,
): WithBase {
  const kept = before?.list_sha256 === list ? before : null;
  const leaveOut = new Set(kept?.leave_out);
  const takeIn = new Set(kept?.take_in);
  for (const { place, line, ...file } of files) {
    if (place === null || file.state === "left_out") continue;
    // A file with a word that nobody knows stays by itself: only taking it in is said.
    (isOn ? leaveOut : takeIn).delete(place);
    if (isOn && line !== null) takeIn.add(place);
    if (!isOn && line === null) leaveOut.add(place);
  }
  const inOrder = (places: ReadonlySet<number>): number[] => [...places].sort((a, b) => a - b);
  return { list_sha256: list, leave_out: inOrder(leaveOut), take_in: inOrder(takeIn) };
}

/** "40 files go along, 1.2 MB; 3 files never do". */
export function carriedWords(tree: BaseTree): string {
  const verb = tree.is_chosen ? "" : "would ";
  const carried = `${count(tree.files_carried, "file")} ${verb}go along, ${size(tree.bytes_carried)}`;
  const out = tree.files_left_out;
  const does = out === 1 ? "does" : "do";
  return out === 0
    ? `${carried}.`
    : `${carried}; ${count(out, "file")} ${tree.is_chosen ? does : "would"} not.`;
}
