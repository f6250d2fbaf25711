// Signing: what a person chose so far, what is missing yet, and how it is said.
import type { Chosen, Hub, Terms } from "./contract";
import type { Mark } from "../episode/types";
import type { Plan } from "../schemas/plan";
import { count, listed } from "./words";

/** The form as it stands. Nothing that gives something away is chosen beforehand. */
export interface Choices {
  readonly audience: string;
  readonly purposes: readonly string[];
  readonly licence: string;
  readonly days: string;
  readonly requestedBy: string;
  readonly owner: string;
  readonly permission: "" | "new" | "held";
  readonly reference: string;
  readonly asMe: boolean;
  readonly isUnseenConfirmed: boolean;
  readonly isAlone: boolean;
  /** The hub whose terms are shown, and the address for which they were asked. */
  readonly hub: Hub | null;
  readonly hubOf: string;
}

export const NOTHING_CHOSEN: Choices = {
  audience: "",
  purposes: [],
  licence: "NOASSERTION",
  days: "",
  requestedBy: "nobody",
  owner: "",
  permission: "",
  reference: "",
  asMe: false,
  isUnseenConfirmed: false,
  isAlone: false,
  hub: null,
  hubOf: "",
};

export const PURPOSES: Readonly<Record<string, string>> = {
  "model-training": "to train models",
  "model-evaluation": "to evaluate models",
  research: "for research",
  teaching: "for teaching",
  backup: "as a backup",
};

export const PROHIBITED: Readonly<Record<string, string>> = {
  "performance-evaluation": "to judge your performance",
  profiling: "to profile you",
  identification: "to find out who you are",
};

export const OWNERS: Readonly<Record<string, string>> = {
  mine: "mine",
  "open-source": "open source",
  employer: "my employer's",
  unknown: "I do not know",
};

export const REQUESTERS: Readonly<Record<string, string>> = {
  nobody: "nobody, I offer it",
  programme: "a programme I take part in",
  employer: "my employer",
  researcher: "a researcher",
  teacher: "a teacher",
};

/** What is told of the day on which a task began. */
export function dayWords(day: string | null): string {
  return day === null ? "It does not say the day." : `It says the day it began: ${day}, in UTC.`;
}

export const RESOLUTIONS: Readonly<Record<string, string>> = {
  "1s": "rounded to a second for each run of typing",
  "100ms": "to a tenth of a second: your typing rhythm can identify you",
  exact: "exact: your typing rhythm can identify you",
};

/** SPDX names that are offered for the repository's licence; any other can be typed. */
export const LICENCES: readonly string[] = [
  "MIT",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MPL-2.0",
  "GPL-3.0-or-later",
];

/** A name from a list in words, or the name itself where we know no words. */
export function wordsOf(names: Readonly<Record<string, string>>, name: string): string {
  return names[name] ?? name;
}

/** Whose code it is: what was said when enabling wins over asking. */
export function ownerOf(terms: Terms, choices: Choices): string {
  return terms.owner ?? choices.owner;
}

/** Whether a permission has to be named. */
export function needsPermission(terms: Terms, choices: Choices): boolean {
  return terms.owners_needing_permission.includes(ownerOf(terms, choices));
}

/** What is still missing, one short sentence each; nothing when it can be signed. */
export function missing(terms: Terms, choices: Choices): string[] {
  const said: string[] = [];
  if (choices.audience.trim() === "") said.push("Name the store it is for.");
  if (isHub(choices.audience) && hubOf(choices) === null) said.push("Read the terms of the hub.");
  if (choices.purposes.length === 0) said.push("Choose what it may be used for.");
  if (ownerOf(terms, choices) === "") said.push("Say whose code it is.");
  if (needsPermission(terms, choices) && permissionOf(choices) === null) {
    said.push("Give the reference of the permission that you hold.");
  }
  if (daysOf(terms, choices) === null) {
    said.push(`Choose how long the permission lasts: 1 to ${longestDays(terms, choices)} days.`);
  }
  if (terms.unseen > 0 && !choices.isUnseenConfirmed) {
    said.push("Open what was not opened, or confirm that you sign it unseen.");
  }
  if (terms.was_shared && !choices.isAlone) said.push("Confirm that nobody else typed.");
  return said;
}

function permissionOf(choices: Choices): string | null {
  if (choices.permission === "new") return "new";
  const reference = choices.reference.trim();
  return choices.permission === "held" && reference !== "" ? reference : null;
}

function daysOf(terms: Terms, choices: Choices): number | null {
  const text = choices.days.trim();
  const longest = longestDays(terms, choices);
  const days = text === "" ? Math.min(terms.default_days, longest) : Number(text);
  return Number.isInteger(days) && days >= 1 && days <= longest ? days : null;
}

/** A hub keeps nothing longer than it says. */
function longestDays(terms: Terms, choices: Choices): number {
  return Math.min(terms.longest_days, hubOf(choices)?.retention_days ?? terms.longest_days);
}

/** Whether an address is a hub's, which has terms of its own to be read. */
export function isHub(audience: string): boolean {
  return /^https?:\/\//i.test(audience.trim());
}

/** The hub whose terms are shown, if they are those of the address as it stands now. */
export function hubOf(choices: Choices): Hub | null {
  const audience = choices.audience.trim();
  return isHub(audience) && choices.hubOf === audience ? choices.hub : null;
}

/** What is sent to be signed. Only to be called when nothing is missing. */
export function chosen(terms: Terms, choices: Choices): Chosen {
  const owner = ownerOf(terms, choices);
  return {
    audience: choices.audience.trim(),
    purposes: choices.purposes,
    licence: choices.licence.trim(),
    expires_days: daysOf(terms, choices) ?? terms.default_days,
    requested_by: choices.requestedBy,
    owner: owner === "" ? null : owner,
    permission: needsPermission(terms, choices) ? permissionOf(choices) : null,
    as_me: choices.asMe,
    notice_sha256: terms.notice_sha256,
    hub_terms_sha256: hubOf(choices)?.terms_sha256 ?? null,
    confirmed_unseen: choices.isUnseenConfirmed,
    nobody_else_typed: choices.isAlone,
  };
}

/** What the long text of a step is: what a program printed, or words such as those of a commit. */
export function textKind(kind: string): "output" | "message" {
  return kind === "command" || kind === "tests" ? "output" : "message";
}

/** "11 of 14 files, 3 of 3 outputs, 1 of 2 messages and 0 of 2 deleted texts were opened". The
 *  server counts outputs and messages as one; `texts` are the steps that have them. */
export function seenWords(
  seen: Pick<Terms, "files_seen" | "files_total" | "deleted_seen" | "deleted_total"> &
    Pick<Terms, "outputs_seen" | "outputs_total" | "unseen_outputs">,
  texts: readonly Pick<Mark, "seq" | "kind">[],
): string {
  const messages = texts.filter(({ kind }) => textKind(kind) === "message");
  const unseen = new Set(seen.unseen_outputs);
  const read = messages.filter(({ seq }) => !unseen.has(seq)).length;
  const rows = [
    [seen.files_seen, seen.files_total, "file"],
    [seen.outputs_seen - read, seen.outputs_total - messages.length, "output"],
    [read, messages.length, "message"],
    [seen.deleted_seen, seen.deleted_total, "deleted text"],
  ] as const;
  const said = rows
    .filter(([, total]) => total > 0)
    .map(([opened, total, one]) => `${opened} of ${count(total, one)}`);
  return said.length === 0 ? "Nothing in it can be opened" : `${listed(said)} were opened`;
}

/** How the final file stands to what was looked at before it was made. */
export function sinceWords(changed: boolean | null, isSigned: boolean): string {
  if (isSigned) return "You signed these bytes.";
  if (changed === null) return "You looked at no preview of it: look at it now, before you sign.";
  return changed
    ? "It is not what you last looked at as a preview. What did not change stays looked at."
    : "Nothing changed since the preview you looked at.";
}

/** What is told because the person says that the code is public; one sentence each. */
export function publicWords(plan: Plan): string[] {
  const named = plan.name_repository ?? null;
  const commits = Object.keys(named?.commits ?? {}).length;
  return [
    ...(named === null
      ? []
      : [`It names the repository ${named.url} and ${count(commits, "commit")} of it.`]),
    ...((plan.with_base ?? null) === null ? [] : ["The files of its base commit are included."]),
    ...(named === null ? [] : ["That the repository is public is your claim."]),
  ];
}

/** A digest in groups of eight, to be compared by eye. */
export function digestWords(sha256: string): string {
  return (sha256.match(/.{1,8}/g) ?? []).join(" ");
}

/** Whether a store keeps its own rules, said before it is chosen. */
export function audienceWords(audience: string): string {
  const text = audience.trim();
  if (text.startsWith("file:") || text.startsWith("/"))
    return "a folder; it enforces nothing by itself";
  if (text.startsWith("s3")) return "an object store; copies made there are out of our reach";
  if (isHub(text)) return "a hub, which has terms of its own";
  return "file:///a/folder, s3://host/bucket or https://hub/team; nothing is sent by signing";
}
