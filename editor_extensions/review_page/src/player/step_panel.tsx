/** Beside the file: what happened around the moment, and what the step at it says. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { clockText } from "../episode/steps";
import { linear } from "../episode/linear";
import { kindWords } from "../episode/shown_words";
import { ACTORS, type Mark, type Row } from "../episode/types";
import { go, moment, shown } from "../session";
import { WithChips } from "../ui/mask_chips";
import { Path, Recorded } from "../ui/parts";
import { fieldsOf } from "./field_words";
import type { Film } from "./film";
import { badTestsOf } from "./test_words";
import { useLatest, useRested } from "./latest";
import { isMoving, moveTo, pathOf } from "./player_state";

const AROUND = 14;

/** Steps around the moment, edits of one run as one line. */
export function StepPanel({ film }: { film: Film }): JSX.Element {
  const seq = useRested(moment.value, isMoving.value);
  return useMemo(() => <StepsAt film={film} seq={seq} />, [film, seq]);
}

function StepsAt({ film, seq }: { film: Film; seq: number }): JSX.Element {
  const lines = linesAround(film, seq);
  const place = useRef<HTMLOListElement>(null);
  useEffect(() => {
    place.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }, [seq]);
  return (
    <aside class="step-panel" aria-label="Steps">
      <ol class="plain steps" ref={place}>
        {lines.map((line) => (
          <StepLine
            key={line.from}
            film={film}
            line={line}
            isNow={seq >= line.from && seq <= line.to}
          />
        ))}
      </ol>
      <StepDetail seq={seq} />
    </aside>
  );
}

/** One line of the list: a step, or a run of edits of one file by one actor. */
interface Line {
  readonly from: number;
  readonly to: number;
}

function isSameRun(film: Film, a: number, b: number): boolean {
  const [first, second] = [film.edit[a] ?? -1, film.edit[b] ?? -1];
  if (first < 0 || second < 0) return false;
  const { actor, file } = film.summary.edits;
  return actor[first] === actor[second] && file[first] === file[second];
}

function isQuiet(film: Film, seq: number): boolean {
  const kind = film.markAt(seq)?.kind;
  return kind === "select" || kind === "checkpoint";
}

function linesAround(film: Film, seq: number): Line[] {
  const here = Math.max(seq, 0);
  const lines: Line[] = [];
  let at = here;
  while (at > 0 && isSameRun(film, at - 1, at)) at--;
  let before = at;
  const earlier: Line[] = [];
  while (before > 0 && earlier.length < AROUND / 2) {
    let from = before - 1;
    while (from > 0 && isSameRun(film, from - 1, from)) from--;
    if (!isQuiet(film, from)) earlier.unshift({ from, to: before - 1 });
    before = from;
  }
  for (let from = at; from < film.steps && lines.length <= AROUND - earlier.length; ) {
    let to = from;
    while (to + 1 < film.steps && isSameRun(film, to, to + 1)) to++;
    if (!isQuiet(film, from) || from === here) lines.push({ from, to });
    from = to + 1;
  }
  return [...earlier, ...lines];
}

function StepLine(props: { film: Film; line: Line; isNow: boolean }): JSX.Element {
  const { film, line, isNow } = props;
  const mark = film.markAt(line.from);
  return (
    <li>
      <button
        type="button"
        class="step-line quiet"
        aria-current={isNow ? "step" : undefined}
        onClick={() => {
          moveTo(line.to);
        }}
      >
        <span class="time mono">{clockText(film.timeOf(line.from))}</span>
        {mark === null ? <EditWords film={film} line={line} /> : <MarkWords mark={mark} />}
      </button>
    </li>
  );
}

function EditWords({ film, line }: { film: Film; line: Line }): JSX.Element {
  const { edits } = film.summary;
  const first = film.edit[line.from] ?? 0;
  const actor = ACTORS[edits.actor[first] ?? 11] ?? "unknown";
  let put = 0;
  let out = 0;
  for (let seq = line.from; seq <= line.to; seq++) {
    const edit = film.edit[seq] ?? 0;
    put += edits.inserted[edit] ?? 0;
    out += edits.deleted[edit] ?? 0;
  }
  const path = pathOf(edits.file[first] ?? -1);
  return (
    <span class="cut-short grow">
      <span class={`actor by-${actor}`}>{actor}</span>{" "}
      <span class="muted">
        +{put} −{out}
      </span>{" "}
      <span class="mono">{linear(nameOf(path))}</span>
    </span>
  );
}

function MarkWords({ mark }: { mark: Mark }): JSX.Element {
  const state = mark.good === null ? "" : mark.good ? "good" : "bad";
  const sign = mark.good === null ? "" : mark.good ? "✓ " : "✗ ";
  return (
    <span class="cut-short grow">
      <span class={`kind ${state}`}>
        {sign}
        {kindWords(mark.kind)}
      </span>{" "}
      {mark.file >= 0 && <span class="mono">{linear(nameOf(pathOf(mark.file)))} </span>}
      <span class="muted">
        <WithChips text={mark.label} />
      </span>
    </span>
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What the step at the moment says in full. */
function StepDetail({ seq }: { seq: number }): JSX.Element | null {
  const episode = shown.value?.episode ?? null;
  const row = useLatest(
    () => (episode === null || seq < 0 ? null : episode.row(seq)),
    [episode, seq],
  );
  if (row === null) return null;
  const hasOutput = episode?.summary.outputs.some((one) => one.seq === row.seq) ?? false;
  return (
    <div class="step-detail" role="region" tabIndex={0} aria-label="The step at the moment">
      <div class="row">
        <h2>
          Step {row.seq}: {linear(kindWords(row.kind))}
        </h2>
        <span class="grow" />
        {hasOutput && (
          <button
            type="button"
            onClick={() => {
              go("output", { seq: row.seq });
            }}
          >
            Output
          </button>
        )}
      </div>
      {row.kind === "tests" && <BadTestsOf row={row} />}
      <dl class="fields">
        {fieldsOf(row).map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{linear(name)}</dt>
            <dd>{name === "path" ? <Path path={value} /> : <Recorded text={value} />}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Which tests failed, and what they said: before anything else of the run. */
function BadTestsOf({ row }: { row: Row }): JSX.Element | null {
  const { told, more } = badTestsOf(row);
  if (told.length === 0) return null;
  return (
    <ul class="plain bad-tests" aria-label="Tests that failed">
      {told.map(({ name, isUnloaded, says }, n) => (
        <li key={n}>
          <strong class="bad">
            ✗ {isUnloaded ? "could not be loaded: " : ""}
            <bdi class="mono" dir="ltr">
              <WithChips text={name} />
            </bdi>
          </strong>
          {says.map((line, place) => (
            <div key={place} class="mono says" dir="ltr">
              <WithChips text={line} />
            </div>
          ))}
        </li>
      ))}
      {more > 0 && <li class="muted">and {more.toLocaleString("en")} more, in the output</li>}
    </ul>
  );
}
