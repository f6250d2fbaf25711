/** "What were you thinking here?": three moments of a task at most, each with a line to answer. */
import type { JSX } from "preact";
import { Path, Recorded } from "../ui/parts";
import { Card } from "./card";
import type { AskedMoment, Asked } from "./contract";
import { fetchedFor } from "./fetched";
import { Heard } from "./heard";
import { noteAt } from "./plan_edits";
import { change } from "./state";
import { elapsed } from "./words";

/** As the plan counts: longer words are no note. */
export const NOTE_MAX = 1000;
const moments = fetchedFor<Asked>((place) => `/api/keeps/${place}/moments`);

export function Thinking(): JSX.Element | null {
  const asked = moments.use();
  if (asked === null || asked.moments.length === 0) return null;
  return (
    <Card id="thinking" title={asked.question}>
      <ol class="plain rv-thinking">
        {asked.moments.map((one) => (
          <Moment key={one.after_seq} moment={one} />
        ))}
      </ol>
      <p class="small muted">
        Only if you like: Enter goes to the next, and nothing written is nothing shared. You may
        dictate with your system; no microphone is opened here. What you write is shared with the
        task, masked like the rest, and marked as written afterwards.
      </p>
    </Card>
  );
}

function Moment({ moment }: { moment: AskedMoment }): JSX.Element {
  return (
    <li class="column" data-moment={moment.kind}>
      <span class="row">
        <span class="mono muted">{elapsed(moment.t_ns)}</span>
        <span>{moment.asks}</span>
      </span>
      {moment.path !== null && (
        <span class="row small">
          <Path path={moment.path} />
          <span class="grow cut-short">
            <Recorded text={moment.line} />
          </span>
        </span>
      )}
      <label class="row">
        <Heard text={`What were you thinking at ${elapsed(moment.t_ns)}?`} />
        <input
          class="grow"
          type="text"
          maxLength={NOTE_MAX}
          autocomplete="off"
          value={moment.text}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            goOn(event.currentTarget);
          }}
          onChange={(event) => {
            const text = event.currentTarget.value;
            void change((plan) => noteAt(plan, moment.after_seq, text), saidOf(text));
          }}
        />
      </label>
    </li>
  );
}

function saidOf(text: string): string {
  return text.trim() === "" ? "The note is taken away." : "The note is in the task.";
}

/** Leave a line, which takes what was written, and go to the next. */
function goOn(line: HTMLInputElement): void {
  const lines = [...(line.closest("ol")?.querySelectorAll("input") ?? [])];
  line.blur();
  lines[lines.indexOf(line) + 1]?.focus();
}

/** Go to the first line. */
export function goToThinking(): void {
  const card = document.getElementById("rv-card-thinking")?.closest("section");
  card?.scrollIntoView({ block: "start" });
  card?.querySelector<HTMLElement>("input")?.focus();
}
