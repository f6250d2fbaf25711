/** What the fields of a step say, in words; not yet made linear. */
import { durationText } from "../episode/steps";
import { field, isMap, textOf, textsOf } from "../episode/message_pack";
import type { Row, Value } from "../episode/types";

const MOST_CHARACTERS = 600;

/** Numbers and digests that say nothing to a person: which buffer, state, run or task it is. */
const LEFT_OUT = new Set(
  (
    "kind source buffer t_kind blob n txn version state task run_id run_ids frame " +
    "state_before state_after text_sha256 disk_sha256 tree_sha256 sha256 index_tree"
  ).split(" "),
);
/** Of a test run its words above say already. */
const TOLD_OF_TESTS = new Set(["cases", "env"]);
/** What a field is called where its name in the file is not what people call it. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["actor", "by"],
  ["argv", "command"],
  ["cwd", "folder"],
  ["deleted", "taken out"],
  ["duration_ns", "took"],
  ["line", "command"],
  ["old_path", "path before"],
  ["start", "at character"],
  ["tty", "in a terminal"],
  ["while_paused", "during a pause"],
]);

/** The fields of a step in words, but for those that say nothing to a person. */
export function fieldsOf(row: Row): [string, string][] {
  return Object.entries(row.fields)
    .filter(([name]) => !LEFT_OUT.has(name) && !(row.kind === "tests" && TOLD_OF_TESTS.has(name)))
    .map(([name, value]) => [
      NAMES.get(name) ?? name.replaceAll("_", " "),
      fieldWords(name, value),
    ]);
}

export function fieldWords(name: string, value: Value): string {
  const text = wordsOf(name, value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} \u2026` : text;
}

function wordsOf(name: string, value: Value): string {
  if (name === "actor" && isMap(value)) {
    const words = [textOf(value, "class", "unknown"), textOf(value, "basis", "none")];
    if (words[1] === "none") words.pop();
    const evidence = textsOf(value, "evidence");
    return `${words.join(", ")}${evidence.length > 0 ? `: ${evidence.join(", ")}` : ""}`;
  }
  if (name === "argv" && Array.isArray(value)) return value.map(String).join(" ");
  if (name.endsWith("_ns") && typeof value === "number") return durationText(value / 1e6);
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map((one) => wordsOf("", one)).join("; ");
  if (!isMap(value)) return String(value);
  return Object.keys(value)
    .map((key) => `${key} ${wordsOf(key, field(value, key) ?? null)}`)
    .join(", ");
}
