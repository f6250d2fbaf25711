/** Where a place in a field of a step stands among the step's long texts. */
import { linear } from "./linear";
import type { LinesOf } from "./lines";
import type { LongText } from "./steps";
import type { FieldPlace, OutputPlace } from "./types";

/** Find it in the text of its field; in others, such as all results of a run, only if it is there. */
export function outputPlace(
  texts: readonly LongText[],
  lines: readonly LinesOf[],
  { field, context, start, length }: FieldPlace,
): OutputPlace | null {
  const letters = Array.from(context);
  const before = letters.slice(0, start).join("").length;
  const hit = letters.slice(start, start + length).join("");
  const own = texts.findIndex((one) => one.field === field);
  const others = texts.map((_, n) => n).filter((n) => n !== own);
  for (const part of own < 0 ? others : [own, ...others]) {
    const text = texts[part]?.text ?? "";
    const whole = context === "" ? -1 : text.indexOf(context);
    const at = whole >= 0 ? whole + before : hit === "" ? -1 : text.indexOf(hit);
    if (at >= 0) return { part, line: lines[part]?.lineAt(at) ?? 0, hit: linear(hit) };
  }
  return own < 0 ? null : { part: own, line: 0, hit: "" };
}
