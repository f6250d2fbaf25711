// Changes of a plan, each a function from a plan to a plan; the server checks and stores them.
import type {
  FieldMask,
  Plan,
  RangeKeep,
  RangesKeep,
  StepSpan,
  TaskKeep,
  TextMask,
} from "../schemas/plan";
import type { Outcome } from "./contract";

export type Keep = TaskKeep | RangeKeep | RangesKeep;

/** The spans a keep names; a keep by task names none. */
export function spansOf(keep: Keep): readonly StepSpan[] {
  if ("ranges" in keep) return keep.ranges;
  return "from_seq" in keep ? [{ from_seq: keep.from_seq, to_seq: keep.to_seq }] : [];
}

/** Spans that touch are one; in order. */
export function merged(spans: readonly StepSpan[]): StepSpan[] {
  const made: StepSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.from_seq - b.from_seq)) {
    const last = made.at(-1);
    if (last !== undefined && span.from_seq <= last.to_seq + 1) {
      last.to_seq = Math.max(last.to_seq, span.to_seq);
    } else {
      made.push({ ...span });
    }
  }
  return made;
}

function keepOf(spans: readonly StepSpan[], title: string | null, outcome: Outcome | null): Keep {
  const said = { ...(title === null ? {} : { title }), ...(outcome === null ? {} : { outcome }) };
  const [first, ...rest] = merged(spans);
  if (first === undefined) throw new RangeError("a keep needs steps");
  return rest.length === 0 ? { ...first, ...said } : { ranges: [first, ...rest], ...said };
}

/** Keep these steps as one episode. */
export function keepSpans(
  plan: Plan,
  spans: readonly StepSpan[],
  title: string | null = null,
  outcome: Outcome | null = null,
): Plan {
  return { ...plan, keeps: [...keepsOf(plan), keepOf(spans, title, outcome)] };
}

/** What is said afterwards of the moment behind a step; blank words take it away. */
export function noteAt(plan: Plan, seq: number, text: string): Plan {
  const said = text.trim();
  const before = plan.notes ?? [];
  if ((before.find((one) => one.after_seq === seq)?.text ?? "") === said) return plan;
  const rest = before.filter((one) => one.after_seq !== seq);
  const made = said === "" ? rest : [...rest, { after_seq: seq, text: said }];
  return { ...plan, notes: made.toSorted((a, b) => a.after_seq - b.after_seq) };
}

/** Do not keep it after all. */
export function dropKeep(plan: Plan, place: number): Plan {
  return { ...plan, keeps: keepsOf(plan).filter((_, at) => at !== place) };
}

/** One kept task becomes two: the second begins with step `at`. */
export function splitKeep(plan: Plan, place: number, at: number): Plan {
  const keep = keepsOf(plan)[place];
  if (keep === undefined) return plan;
  const before: StepSpan[] = [];
  const after: StepSpan[] = [];
  for (const span of spansOf(keep)) {
    if (span.from_seq < at) before.push({ ...span, to_seq: Math.min(span.to_seq, at - 1) });
    if (span.to_seq >= at) after.push({ ...span, from_seq: Math.max(span.from_seq, at) });
  }
  if (before.length === 0 || after.length === 0) return plan;
  const halves = [
    keepOf(before, keep.title ?? null, keep.outcome ?? null),
    keepOf(after, null, null),
  ];
  return { ...plan, keeps: keepsOf(plan).flatMap((one, n) => (n === place ? halves : [one])) };
}

/** A kept task takes further steps in; other kept tasks that are named go into it. */
export function joinKeep(
  plan: Plan,
  place: number,
  spans: readonly StepSpan[],
  others: readonly number[] = [],
): Plan {
  const keep = keepsOf(plan)[place];
  if (keep === undefined) return plan;
  const joined = keepOf([...spansOf(keep), ...spans], keep.title ?? null, keep.outcome ?? null);
  const keeps = keepsOf(plan).map((one, at) => (at === place ? joined : one));
  return { ...plan, keeps: keeps.filter((_, at) => !others.includes(at)) };
}

/** Say what it was, in the developer's words. An empty title is none. */
export function nameKeep(plan: Plan, place: number, title: string): Plan {
  const said = title.trim().slice(0, 200);
  return changeKeep(plan, place, { title: said === "" ? null : said });
}

/** Say how it ended. */
export function endKeep(plan: Plan, place: number, outcome: Outcome | null): Plan {
  return changeKeep(plan, place, { outcome });
}

function changeKeep(
  plan: Plan,
  place: number,
  change: { title?: string | null; outcome?: Outcome | null },
): Plan {
  const keeps = keepsOf(plan).map((one, at) => (at === place ? { ...one, ...change } : one));
  return { ...plan, keeps };
}

/** Take steps out. Ranges that touch are one. */
export function cutRange(plan: Plan, span: StepSpan): Plan {
  return { ...plan, cut_ranges: merged([...(plan.cut_ranges ?? []), span]) };
}

/** Let the steps of one cut stand again. */
export function uncutRange(plan: Plan, span: StepSpan): Plan {
  const isOther = (one: StepSpan): boolean =>
    one.from_seq !== span.from_seq || one.to_seq !== span.to_seq;
  return { ...plan, cut_ranges: (plan.cut_ranges ?? []).filter(isOther) };
}

export type NumberList = "cut_files" | "whole_files" | "overlay_files" | "paused_texts";

/** Put a number into one of the plan's lists, or take it out. */
export function tick(plan: Plan, list: NumberList, number: number, isOn: boolean): Plan {
  const rest = (plan[list] ?? []).filter((one) => one !== number);
  return { ...plan, [list]: (isOn ? [...rest, number] : rest).toSorted((a, b) => a - b) };
}

/** Cut all steps of a kind, or no longer. */
export function tickKind(plan: Plan, kind: string, isOn: boolean): Plan {
  const rest = (plan.cut_kinds ?? []).filter((one) => one !== kind);
  return { ...plan, cut_kinds: (isOn ? [...rest, kind] : rest).toSorted() };
}

/** Mask characters of a text. */
export function maskText(plan: Plan, mask: TextMask): Plan {
  return { ...plan, mask_texts: [...(plan.mask_texts ?? []), mask] };
}

/** Mask characters of a string of a step. */
export function maskField(plan: Plan, mask: FieldMask): Plan {
  return { ...plan, mask_fields: [...(plan.mask_fields ?? []), mask] };
}

/** The keeps, none when the plan is new. */
export function keepsOf(plan: Plan): readonly Keep[] {
  return plan.keeps ?? [];
}
