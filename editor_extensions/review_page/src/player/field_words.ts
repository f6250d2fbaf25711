/** What a field of a step says, in words; not yet made linear. */
import { durationText } from "../episode/steps";
import { field, isMap, textOf, textsOf } from "../episode/message_pack";
import type { Value } from "../episode/types";

const MOST_CHARACTERS = 600;

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
