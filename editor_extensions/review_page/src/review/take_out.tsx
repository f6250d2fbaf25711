/** Take something out: steps, kinds, or a value that is typed unseen. And put it back. */
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { kindWords } from "../episode/shown_words";
import type { Summary } from "../episode/types";
import { Path } from "../ui/parts";
import type { StepSpan } from "../schemas/plan";
import type { Overview } from "./contract";
import { beginMs, holds, partingMoments } from "./day";
import { Card } from "./card";
import { cutRange, tick, tickKind, uncutRange } from "./plan_edits";
import { change, keptRows, lookAtBase, maskValue, now, plan } from "./state";
import { count, elapsed } from "./words";

/** Kinds that hold no state of a file; the server refuses any other. */
const CUT_KINDS = ["view", "select", "focus", "search", "diagnostics", "note"];

export function TakeOut({ overview, place }: { overview: Overview; place: number }): JSX.Element {
  const value = useRef<HTMLInputElement>(null);
  // No form: a browser would offer to keep what is typed.
  const mask = (): void => {
    const input = value.current;
    if (input === null || input.value === "") return;
    void maskValue(input.value);
    input.value = "";
  };
  const cutKinds = plan.value.cut_kinds ?? [];
  const kinds = CUT_KINDS.filter((kind) => kind in overview.kinds || cutKinds.includes(kind));
  return (
    <Card id="out" title="Take something out">
      <div class="row">
        <label class="row grow">
          Mask a value everywhere
          <input
            ref={value}
            class="grow"
            type="password"
            autocomplete="off"
            spellcheck={false}
            onKeyDown={(event) => {
              if (event.key === "Enter") mask();
            }}
          />
        </label>
        <button type="button" onClick={mask}>
          Mask it
        </button>
      </div>
      <p class="small muted">It is not shown while you type, and kept nowhere.</p>
      <RangeForm place={place} />
      {kinds.length > 0 && (
        <fieldset class="rv-boxes rv-kinds">
          <legend>Cut all steps of a kind</legend>
          {kinds.map((kind) => (
            <label key={kind} class="row">
              <input
                type="checkbox"
                checked={cutKinds.includes(kind)}
                onChange={(event) => {
                  const isOn = event.currentTarget.checked;
                  void change(
                    (now) => tickKind(now, kind, isOn),
                    isOn
                      ? `All steps “${kindWords(kind)}” are cut.`
                      : `The steps “${kindWords(kind)}” stay.`,
                  );
                }}
              />
              {kindWords(kind)}
              {kind in overview.kinds && <span class="small muted">{overview.kinds[kind]}</span>}
            </label>
          ))}
        </fieldset>
      )}
      <Cuts place={place} />
    </Card>
  );
}

function RangeForm({ place }: { place: number }): JSX.Element {
  const spans = keptRows.value[place]?.spans ?? [];
  const { base } = now();
  const [first, last] = [spans[0]?.from_seq ?? 0, spans.at(-1)?.to_seq ?? 0];
  const starts = useMemo(() => beginnings(base, spans), [base, spans]);
  const from = useRef<HTMLSelectElement>(null);
  const to = useRef<HTMLSelectElement>(null);
  const ends = [...starts.slice(1).map(({ seq, words }) => ({ seq: seq - 1, words })), END(last)];
  return (
    <div class="row rv-range">
      <label class="row">
        Cut from
        <select ref={from} data-cut-from>
          {starts.map(({ seq, words }) => (
            <option key={seq} value={seq}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label class="row">
        up to
        <select ref={to} data-cut-to>
          {ends.map(({ seq, words }) => (
            <option key={seq} value={seq}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        onClick={() => {
          const span = {
            from_seq: Number(from.current?.value ?? first),
            to_seq: Number(to.current?.value ?? first),
          };
          if (span.from_seq > span.to_seq) return;
          void change(
            (one) => cutRange(one, span),
            "The steps are cut. Their text that is still in a file is listed above.",
          );
        }}
      >
        Cut
      </button>
    </div>
  );
}

const END = (last: number): { seq: number; words: string } => ({ seq: last, words: "the end" });

/** Moments at which a cut may begin: the first step, then where a task might be parted. */
function beginnings(base: Summary, spans: readonly StepSpan[]): { seq: number; words: string }[] {
  const first = spans[0]?.from_seq ?? 0;
  return [
    { seq: first, words: "the beginning" },
    ...partingMoments(base, spans, beginMs(base, spans)),
  ];
}

function Cuts({ place }: { place: number }): JSX.Element | null {
  const { base } = now();
  const zeroMs = beginMs(base, keptRows.value[place]?.spans ?? []);
  const ranges = plan.value.cut_ranges ?? [];
  const files = plan.value.cut_files ?? [];
  if (ranges.length + files.length === 0) return null;
  return (
    <>
      <h3>Cut so far</h3>
      <ul class="plain rv-list" data-cuts>
        {ranges.map((span) => (
          <li key={`${span.from_seq}-${span.to_seq}`} class="row">
            <span class="grow">{cutWords(base, span, zeroMs)}</span>
            <button type="button" class="quiet" onClick={() => void lookAtBase(span.from_seq)}>
              See it
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => void change((one) => uncutRange(one, span), "The steps stay.")}
            >
              Put back
            </button>
          </li>
        ))}
        {files.map((file) => (
          <li key={`file-${file}`} class="row">
            <span class="grow cut-short">
              <Path path={base.files[file] ?? `file ${file}`} />
            </span>
            <button
              type="button"
              class="quiet"
              onClick={() =>
                void change((one) => tick(one, "cut_files", file, false), "The file stays.")
              }
            >
              Put back
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function cutWords(base: Summary, span: StepSpan, zeroMs: number): string {
  const mark = base.marks.find((one) => holds([span], one.seq));
  const steps = count(span.to_seq - span.from_seq + 1, "step");
  return mark === undefined ? steps : `${steps}, about ${elapsed((mark.tMs - zeroMs) * 1e6)}`;
}
