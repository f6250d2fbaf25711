/** Small pictures of time: where in the day a task lies, and what happened in it. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { linear } from "../episode/linear";
import type { Mark, Summary } from "../episode/types";
import type { StepSpan } from "../schemas/plan";
import { factsOf, holds, rhythm, type Row } from "./day";

const BINS = 120;
const [WIDTH, HEIGHT] = [600, 26];

/** The whole day: how much was edited when, and what of it is kept. Said in words below it. */
export function DayPicture({
  summary,
  rows,
}: {
  summary: Summary;
  rows: readonly Row[];
}): JSX.Element {
  const bars = useMemo(() => rhythm(summary, BINS), [summary]);
  const whole = Math.max(1, summary.durationMs);
  return (
    <svg
      class="rv-day"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 6}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <title>How much was edited when; included tasks are shaded</title>
      {rows
        .filter((row) => row.keep !== null)
        .flatMap((row) => row.spans)
        .map((span) => {
          const facts = factsOf(summary, [span]);
          const x = (WIDTH * facts.startMs) / whole;
          const width = Math.max(2, (WIDTH * facts.endMs) / whole - x);
          return (
            <rect
              key={span.from_seq}
              class="rv-day-kept"
              x={x}
              y={0}
              width={width}
              height={HEIGHT + 6}
            />
          );
        })}
      {bars.map((height, bin) => (
        <rect
          key={bin}
          class="rv-day-bar"
          x={(bin * WIDTH) / BINS}
          y={HEIGHT - height * HEIGHT}
          width={WIDTH / BINS - 1}
          height={height * HEIGHT}
        />
      ))}
      <rect class="rv-day-line" x={0} y={HEIGHT} width={WIDTH} height={1} />
    </svg>
  );
}

/** One task: test runs, commits and pauses as marks on a line. */
export function MiniTimeline(props: {
  summary: Summary;
  spans: readonly StepSpan[];
}): JSX.Element | null {
  const { summary, spans } = props;
  const drawn = useMemo(() => {
    const { startMs, endMs } = factsOf(summary, spans);
    const length = Math.max(1, endMs - startMs);
    const at = (tMs: number): number => 4 + (592 * (tMs - startMs)) / length;
    return summary.marks.flatMap((mark) => {
      const shape = shapeOf(mark);
      return shape === null || !holds(spans, mark.seq)
        ? []
        : [
            {
              seq: mark.seq,
              ...markPlace(mark, at),
              shape,
              told: `${SHAPES[shape]}: ${mark.label}`,
            },
          ];
    });
  }, [summary, spans]);
  if (drawn.length === 0) return null;
  return (
    <svg class="rv-mini" viewBox="0 0 600 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rv-day-line" x={0} y={5} width={600} height={1} />
      {drawn.map(({ seq, x, width, shape, told }) => (
        <rect
          key={seq}
          class={`rv-mark-${shape}`}
          x={x}
          y={shape === "red" ? 4 : 1}
          width={width}
          height={shape === "red" ? 6 : 8}
        >
          <title>{linear(told)}</title>
        </rect>
      ))}
    </svg>
  );
}

/** A gap lies where nothing was recorded, any other mark around its moment. */
export function markPlace(mark: Mark, at: (tMs: number) => number): { x: number; width: number } {
  if (mark.kind !== "gap") return { x: at(mark.tMs) - 2, width: 4 };
  const x = at(mark.fromMs);
  return { x, width: Math.max(Math.min(at(mark.toMs), 596) - x, 2) };
}

const SHAPES = { red: "tests red", green: "tests green", git: "git", gap: "gap" } as const;

function shapeOf(mark: Mark): keyof typeof SHAPES | null {
  if (mark.kind === "tests") return mark.good === true ? "green" : "red";
  if (mark.kind === "git") return "git";
  return mark.kind === "gap" ? "gap" : null;
}
