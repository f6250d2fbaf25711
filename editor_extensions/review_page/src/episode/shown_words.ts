/** What a file says in short, in words: the same as in the terminal (`signoff_schemas`). */
import { WORDS } from "../schemas/words";

type Table = Readonly<Record<string, string>>;

/** What stood where a mask is, by the word in its placeholder. */
export function maskKind(kind: string): string {
  return (WORDS.mask_kinds as Table)[kind] ?? kind.toLowerCase().replaceAll("_", " ");
}

/** Why something was masked. */
export function maskReason(how: string): string {
  const way = how.split(":")[0] ?? "";
  const known = (WORDS.mask_reasons as Table)[way];
  if (known !== undefined) return known;
  return way === ""
    ? "the file does not say why"
    : `it has the form of ${way.replaceAll("_", " ")}`;
}

/** What a JSON pointer into a step points at. */
export function fieldWords(pointer: string): string {
  const parts = pointer.replace(/^\/|\/$/g, "").split("/");
  const table = WORDS.fields as Table;
  const known = table[parts.slice(0, 2).join("/")] ?? table[parts[0] ?? ""];
  if (known !== undefined) return known;
  return parts
    .filter((part) => !/\d$/.test(part))
    .join(" ")
    .replaceAll("_", " ");
}

/** What a kind of step is called. */
export function kindWords(kind: string): string {
  return (WORDS.step_kinds as Table)[kind] ?? kind;
}

/** What a source can see or not. */
export function observedWords(what: string): string {
  return (WORDS.observed as Table)[what] ?? what.replaceAll("_", " ");
}

/** Why a text was replaced as a whole, and which one. */
export function correctionWords(target: string, reason: string): string {
  const why = (WORDS.corrections as Table)[reason] ?? reason.replaceAll("_", " ");
  return `${(WORDS.targets as Table)[target] ?? target} replaced: ${why}`;
}
