/** How useful a task is to learn from: of the recording, never of the person. */
import type { JSX } from "preact";
import { Card } from "./card";
import type { QualityRow } from "./contract";

export const OF_THE_RECORDING =
  "This is about the recording, not about you. None of it keeps you from signing, and none of it " +
  "is sent: whoever has the episode can work it out.";

/** What could tell more, or that nothing could. */
export function lessOf(rows: readonly QualityRow[]): string[] {
  const less = rows.filter((row) => row.passed === false).map((row) => row.says);
  return less.length > 0 ? less : ["Nothing that was looked at is missing."];
}

export function UsefulCard({ rows }: { rows: readonly QualityRow[] }): JSX.Element {
  return (
    <Card id="useful" title="How useful it is to learn from">
      <ul class="plain rv-useful">
        {rows.map((row) => (
          <li key={row.measure} class="row" data-measure={row.measure}>
            <span class={row.passed === true ? "pill good" : "pill"}>{row.stands}</span>
            <span>{row.says}</span>
          </li>
        ))}
      </ul>
      <p class="small muted">{OF_THE_RECORDING}</p>
    </Card>
  );
}

/** Beside the final file, before it is signed. */
export function UsefulLines({ rows }: { rows: readonly QualityRow[] }): JSX.Element {
  return (
    <div class="column" data-useful>
      <h3>How useful it is to learn from</h3>
      <ul class="rv-less">
        {lessOf(rows).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p class="small muted">{OF_THE_RECORDING}</p>
    </div>
  );
}
