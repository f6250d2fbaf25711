import { expect, test } from "vitest";
import type { Hub, Terms } from "../../src/review/contract";
import {
  chosen,
  digestWords,
  missing,
  NOTHING_CHOSEN,
  publicWords,
  seenWords,
  sinceWords,
  wordsOf,
  PURPOSES,
  type Choices,
} from "../../src/review/signing";

const TERMS: Terms = {
  sha256: "a".repeat(64),
  size_bytes: 10,
  notice: { version: "1", language: "en", text: "Notice \u{1f642}\u{10348}" },
  notice_sha256: "b".repeat(64),
  purposes: ["research"],
  default_purposes: ["research"],
  prohibited_uses: ["profiling"],
  audiences: [],
  licences: ["NOASSERTION"],
  repository_licence: "NOASSERTION",
  owner: "mine",
  owners_needing_permission: ["employer", "unknown"],
  requesters: ["nobody"],
  default_days: 365,
  longest_days: 3650,
  time_resolution: "1s",
  day: null,
  earlier: [],
  files_seen: 2,
  files_total: 2,
  outputs_seen: 0,
  outputs_total: 0,
  deleted_seen: 0,
  deleted_total: 0,
  was_shared: false,
  unseen: 0,
  unseen_files: [],
  unseen_outputs: [],
  unseen_deleted: [],
};
const ENOUGH: Choices = { ...NOTHING_CHOSEN, audience: " file:///a ", purposes: ["research"] };

test("the final file is told as new, changed or the same only of what was looked at", () => {
  expect(sinceWords(null, false)).toContain("no preview");
  expect(sinceWords(true, false)).toContain("not what you last looked at");
  expect(sinceWords(false, false)).toContain("Nothing changed");
  for (const changed of [null, true, false]) {
    expect(sinceWords(changed, true)).toBe("You signed these bytes.");
  }
});

test("what is told of a public repository is called the person's claim", () => {
  const base_sha256 = "a".repeat(64);
  expect(publicWords({ base_sha256 })).toEqual([]);
  const url = "https://example.org/a/b";
  const named = { url, spdx: "MIT", commits: { "commit-000000000000": "0".repeat(40) } };
  const with_base = { list_sha256: "b".repeat(64), leave_out: [] };
  expect(publicWords({ base_sha256, name_repository: named, with_base })).toEqual([
    `It names the repository ${url} and 1 commit of it.`,
    "The files of its base commit are included.",
    "That the repository is public is your claim.",
  ]);
});

test("nothing is chosen beforehand, so nothing can be signed by one press", () => {
  expect(missing(TERMS, NOTHING_CHOSEN)).toEqual([
    "Name the store it is for.",
    "Choose what it may be used for.",
  ]);
});

test("with everything said it can be signed, and only what was said is sent", () => {
  expect(missing(TERMS, ENOUGH)).toEqual([]);
  expect(chosen(TERMS, ENOUGH)).toEqual({
    audience: "file:///a",
    purposes: ["research"],
    licence: "NOASSERTION",
    expires_days: 365,
    requested_by: "nobody",
    owner: "mine",
    permission: null,
    as_me: false,
    notice_sha256: TERMS.notice_sha256,
    hub_terms_sha256: null,
    confirmed_unseen: false,
    nobody_else_typed: false,
  });
});

const HUB: Hub = {
  audience: "https://hub.example.org/team",
  terms_sha256: "c".repeat(64),
  controller: "Example",
  jurisdiction: "DE",
  lawful_basis: "consent",
  retention_days: 30,
  purposes: ["research"],
  prohibited_uses: [],
  language: "en",
  text: "We keep it for 30 days.",
  key: "SHA256:x",
  valid_from: "2026-11-01T00:00:00Z",
  has_changed: false,
};

test("a hub's terms are read first, those of the very address, and bound its days", () => {
  const named: Choices = { ...ENOUGH, audience: ` ${HUB.audience} ` };
  expect(missing(TERMS, named)).toEqual(["Read the terms of the hub."]);
  const read: Choices = { ...named, hub: HUB, hubOf: HUB.audience };
  expect(missing(TERMS, read)).toEqual([]);
  expect(chosen(TERMS, read)).toMatchObject({
    hub_terms_sha256: HUB.terms_sha256,
    expires_days: 30,
  });
  expect(missing(TERMS, { ...read, days: "31" })).toEqual([
    "Choose how long the permission lasts: 1 to 30 days.",
  ]);
  const other: Choices = { ...read, audience: `${HUB.audience}s` };
  expect(missing(TERMS, other)).toEqual(["Read the terms of the hub."]);
  expect(chosen(TERMS, other).hub_terms_sha256).toBeNull();
  expect(chosen(TERMS, { ...read, audience: "file:///a" }).hub_terms_sha256).toBeNull();
});

test("what nobody looked at has to be confirmed", () => {
  const unseen = { ...TERMS, unseen: 1 };
  expect(missing(unseen, ENOUGH)).toHaveLength(1);
  expect(missing(unseen, { ...ENOUGH, isUnseenConfirmed: true })).toEqual([]);
});

test("an employer's code needs a permission, one held or a new reference", () => {
  const theirs = { ...TERMS, owner: null };
  expect(missing(theirs, ENOUGH)).toEqual(["Say whose code it is."]);
  const asked: Choices = { ...ENOUGH, owner: "employer" };
  expect(missing(theirs, asked)).toEqual(["Give the reference of the permission that you hold."]);
  const held: Choices = { ...asked, permission: "held" };
  expect(missing(theirs, held)).toHaveLength(1);
  expect(chosen(theirs, { ...held, reference: " 12ab " }).permission).toBe("12ab");
  expect(chosen(theirs, { ...asked, permission: "new" }).permission).toBe("new");
  expect(chosen(theirs, { ...held, owner: "mine", reference: "12ab" }).permission).toBe(null);
});

test("a shared editor is asked about", () => {
  expect(missing({ ...TERMS, was_shared: true }, ENOUGH)).toEqual([
    "Confirm that nobody else typed.",
  ]);
});

test.each(["0", "-1", "1.5", "many", "3651"])("%s days are none", (days) => {
  expect(missing(TERMS, { ...ENOUGH, days })).toHaveLength(1);
});

test("what is said is said in words, unknown names as they are", () => {
  expect(wordsOf(PURPOSES, "backup")).toBe("as a backup");
  expect(wordsOf(PURPOSES, "new-purpose")).toBe("new-purpose");
  expect(digestWords("0123456789abcdef")).toBe("01234567 89abcdef");
});

test("what was opened is counted by what it is: a commit's message is no output", () => {
  const texts = ["tests", "command", "tests", "task", "git"].map((kind, seq) => ({ kind, seq }));
  const all = { ...TERMS, outputs_total: 5, outputs_seen: 2, unseen_outputs: [1, 2, 4] };
  expect(seenWords(all, texts)).toBe(
    "2 of 2 files, 1 of 3 outputs and 1 of 2 messages were opened",
  );
  const few = { ...TERMS, files_seen: 11, files_total: 14, outputs_total: 1, unseen_outputs: [0] };
  expect(seenWords(few, texts.slice(0, 1))).toBe("11 of 14 files and 0 of 1 output were opened");
  const deleted = { ...TERMS, outputs_total: 1, outputs_seen: 1, deleted_total: 2 };
  expect(seenWords(deleted, texts.slice(3, 4))).toBe(
    "2 of 2 files, 1 of 1 message and 0 of 2 deleted texts were opened",
  );
  expect(seenWords({ ...TERMS, files_total: 0 }, [])).toBe("Nothing in it can be opened");
});
