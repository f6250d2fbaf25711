/** A mask is what the episode lists as one; text that only looks like one is none. */
import { describe, expect, test } from "vitest";
import { kindOf, Masks } from "../src/episode/masks";
import { fieldWords, kindWords, maskKind, maskReason } from "../src/episode/shown_words";

const masks = new Masks({
  REDACTED_HOST_2: "form",
  REDACTED_TOKEN_1: "some_rule",
  REDACTED_VALUE: "exact value",
  "<HOME>": "identity",
});

describe("masks", () => {
  test("are found where they stand, and nothing that was typed to look like one", () => {
    const text = "\u{1f600} REDACTED_HOST_1 REDACTED_HOST_2_x REDACTED_HOST_22 <HOME>/a <TMP>";
    expect(masks.in(text).map(({ from, to }) => text.slice(from, to))).toEqual([
      "REDACTED_HOST_2",
      "<HOME>",
    ]);
  });

  test("a value that was masked while recording is no numbered one", () => {
    const found = masks.in("REDACTED_VALUE REDACTED_VALUE_3 xREDACTED_VALUE_");
    expect(found.map(({ from }) => from)).toEqual([0, 33]);
  });

  test("an episode without masks has none", () => {
    expect(new Masks({}).in("REDACTED_HOST_1")).toEqual([]);
  });
});

test("what stood there and why is told in words of people", () => {
  expect(maskKind(kindOf("REDACTED_USERINFO_3"))).toBe("login in a web address");
  expect(maskKind(kindOf("<HOME>"))).toBe("home folder");
  expect(maskKind("STRANGE")).toBe("strange");
  expect(maskReason(masks.wayOf("REDACTED_HOST_2"))).toBe("it has the form of one");
  expect(maskReason("second engine: a-rule")).toBe("the second search found it");
  expect(maskReason("some_rule")).toBe("it has the form of some rule");
  expect(maskReason("")).toBe("the file does not say why");
});

test("fields and kinds of steps are called by what they are", () => {
  expect(fieldWords("/output/head")).toBe("output");
  expect(fieldWords("/argv/2")).toBe("command");
  expect(fieldWords("/cases/0/message")).toBe("test");
  expect(fieldWords("/some_field/3")).toBe("some field");
  expect(kindWords("resync")).toBe("corrected");
  expect(kindWords("command")).toBe("command");
});
