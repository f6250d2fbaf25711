/** Outputs, messages and other long texts of steps, in full. */
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { linear } from "../episode/linear";
import { kindWords } from "../episode/shown_words";
import { clockText } from "../episode/steps";
import type { Mark, OpenEpisode, OutputPart } from "../episode/types";
import { keysOf, useKeys, type KeyActions } from "../keyboard";
import { attempt, message, moment, noteOutputSeen, reviewActions, shown } from "../session";
import { WithChips } from "../ui/mask_chips";
import { VirtualList, type Stretch } from "../ui/virtual_list";
import { useLatest } from "./latest";
import { isListed, onlyFailed, outputHit } from "./output_hit";
import { LOOKING, MOVING } from "./player_keys";
import { kinds, moveTo, openAt } from "./player_state";

const LINE_PX = 18;
const LIST_PX = 30;

export function Output(): JSX.Element {
  const episode = shown.value?.episode ?? null;
  const all = episode?.summary.outputs ?? [];
  const listed = useMemo(() => all.filter(isListed), [all, onlyFailed.value, kinds.value]);
  const place = placeOf(listed, moment.value);
  const chosen = listed[place] ?? null;
  const actions = useMemo(() => keyActions(listed, place), [listed, place]);
  useKeys(actions);
  if (episode === null) return <div class="waiting">Opening…</div>;
  return (
    <div class="split">
      <h1 class="only-heard">Output</h1>
      <section class="list-side" aria-label="Which step">
        <header class="side-head">
          <KindChoice all={all} />
          <span class="small muted grow">
            {listed.length} of {all.length}
          </span>
          <label class="row small">
            <input
              type="checkbox"
              checked={onlyFailed.value}
              onChange={(event) => (onlyFailed.value = event.currentTarget.checked)}
            />
            only failed
          </label>
        </header>
        <VirtualList
          count={listed.length}
          lineHeight={LIST_PX}
          label="Steps with output"
          shownLine={place}
          render={({ from, to }) =>
            listed
              .slice(from, to)
              .map((mark, n) => (
                <OutputLine key={mark.seq} mark={mark} isChosen={from + n === place} />
              ))
          }
        />
      </section>
      <section class="shown-side" aria-label="Output">
        {chosen === null ? (
          <div class="waiting">Nothing was printed, or nothing of it was kept.</div>
        ) : (
          <OutputOf key={chosen.seq} episode={episode} mark={chosen} />
        )}
      </section>
    </div>
  );
}

function KindChoice({ all }: { all: readonly Mark[] }): JSX.Element {
  const counts = new Map<string, number>();
  for (const mark of all) counts.set(mark.kind, (counts.get(mark.kind) ?? 0) + 1);
  return (
    <label>
      <span class="only-heard">Kind of step</span>
      <select value={kinds.value} onChange={(event) => (kinds.value = event.currentTarget.value)}>
        <option value="most">all but problems</option>
        <option value="all">everything</option>
        {[...counts].map(([kind, count]) => (
          <option key={kind} value={kind}>
            {linear(kindWords(kind))} ({count})
          </option>
        ))}
      </select>
    </label>
  );
}

/** The output at a moment, or the last before it; else the first. */
function placeOf(listed: readonly Mark[], seq: number): number {
  const place = listed.findLastIndex((mark) => mark.seq <= seq);
  return place < 0 ? Math.min(0, listed.length - 1) : place;
}

function keyActions(listed: readonly Mark[], place: number): KeyActions {
  return keysOf("output", {
    ...MOVING,
    ...LOOKING,
    row: (by: 1 | -1) => {
      const mark = listed[place + by];
      if (mark !== undefined) moveTo(mark.seq);
    },
    timeline: () => {
      const mark = listed[place];
      if (mark !== undefined) openAt(mark.seq);
    },
    mask: maskSelected,
  });
}

function maskSelected(): void {
  const text = getSelection()?.toString() ?? "";
  if (reviewActions.value === null) return;
  if (text === "") message.value = "Select the text that you want to mask.";
  else
    void attempt(() => {
      if (text.includes("\n")) throw new Error("Select text on one line to mask it.");
      reviewActions.value?.maskValue(text);
      return Promise.resolve();
    });
}

function OutputLine({ mark, isChosen }: { mark: Mark; isChosen: boolean }): JSX.Element {
  const state = mark.good === null ? "muted" : mark.good ? "good" : "bad";
  return (
    <button
      type="button"
      class="list-line"
      aria-current={isChosen ? "true" : undefined}
      onClick={() => {
        moveTo(mark.seq);
      }}
    >
      <span class="time mono">{clockText(mark.tMs)}</span>
      <span class={state}>{mark.good === null ? "·" : mark.good ? "✓" : "✗"}</span>
      <span class="cut-short grow">
        <span class="kind">{linear(kindWords(mark.kind))}</span>{" "}
        <span class="muted">
          <WithChips text={mark.label} />
        </span>
      </span>
    </button>
  );
}

/** A line of the whole: a heading, a line of a part, or what was left out. */
interface Place {
  readonly part: number;
  readonly first: number;
  readonly lines: number;
}

function OutputOf({ episode, mark }: { episode: OpenEpisode; mark: Mark }): JSX.Element {
  const parts = useLatest(() => episode.outputParts(mark.seq), [episode, mark.seq]);
  if (parts === null) return <div class="waiting">Reading…</div>;
  return (
    <>
      <header class="side-head">
        <span class="mono cut-short grow">
          <WithChips text={mark.label} />
        </span>
        <span class="small muted">{sizeWords(parts)}</span>
        {reviewActions.value !== null && (
          <button type="button" onClick={maskSelected}>
            Mask selected text everywhere <kbd>x</kbd>
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            openAt(mark.seq);
          }}
        >
          Show on timeline
        </button>
      </header>
      <OutputText episode={episode} seq={mark.seq} parts={parts} />
    </>
  );
}

function sizeWords(parts: readonly OutputPart[]): string {
  const lines = parts.reduce((sum, part) => sum + part.lines, 0);
  const characters = parts.reduce((sum, part) => sum + part.characters, 0);
  const words = lines === 1 ? "1 line" : `${lines.toLocaleString("en")} lines`;
  return `${words}, ${characters.toLocaleString("en")} characters`;
}

function OutputText(props: {
  episode: OpenEpisode;
  seq: number;
  parts: readonly OutputPart[];
}): JSX.Element {
  const { episode, seq, parts } = props;
  const places = useMemo(() => placesOf(parts), [parts]);
  const count = (places.at(-1)?.first ?? 0) + (places.at(-1)?.lines ?? 0);
  const [stretch, setStretch] = useState<Stretch>({ from: 0, to: 100 });
  const wanted = { from: Math.max(stretch.from - 60, 0), to: Math.min(stretch.to + 60, count) };
  const lines = useLatest(
    () => linesIn(episode, seq, parts, places, wanted),
    [episode, seq, parts, wanted.from, wanted.to],
  );
  const onStretch = useCallback((next: Stretch) => {
    setStretch(next);
  }, []);
  const hit = outputHit.value?.seq === seq ? outputHit.value : null;
  const hitLine = hit === null ? -1 : (places[hit.part]?.first ?? 0) + 1 + hit.line;
  const isAtEnd = stretch.to >= count && lines !== null;
  useEffect(() => {
    if (isAtEnd) noteOutputSeen(seq);
  }, [isAtEnd, seq]);
  return (
    <VirtualList
      count={count}
      lineHeight={LINE_PX}
      label="What it says"
      isWide
      onStretch={onStretch}
      shownLine={hitLine}
      render={({ from, to }) =>
        Array.from({ length: Math.max(to - from, 0) }, (_, n) => {
          const line = lines?.at.get(from + n);
          return (
            <div
              key={from + n}
              class={`output-line ${line?.kind ?? ""}`}
              aria-current={from + n === hitLine ? "true" : undefined}
              dir="ltr"
            >
              {from + n === hitLine && line !== undefined ? (
                <Marked line={line.text} hit={hit?.hit ?? ""} />
              ) : (
                <WithChips text={line?.text ?? ""} />
              )}
            </div>
          );
        })
      }
    />
  );
}

/** A line with what is meant on it marked, and in view. */
function Marked({ line, hit }: { line: string; hit: string }): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    place.current?.querySelector("mark")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [line, hit]);
  const at = hit === "" ? -1 : line.indexOf(hit);
  return (
    <span ref={place}>
      {at < 0 ? (
        <WithChips text={line} />
      ) : (
        <WithChips text={line} found={{ from: at, to: at + hit.length }} />
      )}
    </span>
  );
}

/** Each part has a heading, its lines, and a line for what was left out behind it. */
function placesOf(parts: readonly OutputPart[]): Place[] {
  let first = 0;
  return parts.map((part, n) => {
    const lines = part.lines + 1 + (part.gap === "" ? 0 : 1);
    const place = { part: n, first, lines };
    first += lines;
    return place;
  });
}

interface Line {
  readonly kind: "" | "heading" | "gap";
  readonly text: string;
}

async function linesIn(
  episode: OpenEpisode,
  seq: number,
  parts: readonly OutputPart[],
  places: readonly Place[],
  wanted: Stretch,
): Promise<{ at: ReadonlyMap<number, Line> }> {
  const at = new Map<number, Line>();
  for (const { part: n, first, lines } of places) {
    const part = parts[n];
    if (part === undefined || first >= wanted.to || first + lines <= wanted.from) continue;
    at.set(first, { kind: "heading", text: headingOf(part) });
    if (part.gap !== "") at.set(first + lines - 1, { kind: "gap", text: `… ${part.gap}` });
    const from = Math.max(wanted.from - first - 1, 0);
    const most = Math.min(wanted.to - first - 1, part.lines) - from;
    if (most <= 0) continue;
    const found = await episode.outputLines(seq, n, from, most);
    found.forEach((text, line) => at.set(first + 1 + from + line, { kind: "", text }));
  }
  return { at };
}

function headingOf(part: OutputPart): string {
  return part.of === ""
    ? linear(part.title)
    : `${part.of} — ${linear(part.title)}`.replaceAll("\n", "␊");
}
