/** How exactly it is shared: times, the day, the whole environment. */
import type { JSX } from "preact";
import type { Plan } from "../schemas/plan";
import { Card } from "./card";
import { RESOLUTIONS } from "./signing";
import { change, plan } from "./state";

export function HowItIsTold({ day }: { day: string | null }): JSX.Element {
  const now = plan.value;
  return (
    <Card id="told" title="How exactly it is shared">
      <label class="row">
        Times
        <select
          value={now.time_resolution ?? "1s"}
          onChange={(event) => {
            const finer = event.currentTarget.value as NonNullable<Plan["time_resolution"]>;
            void change(
              (one) => ({ ...one, time_resolution: finer }),
              "The resolution of the times is changed.",
            );
          }}
        >
          {Object.entries(RESOLUTIONS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <Choice
        words={`The day it began, in UTC${day === null ? "" : `: ${day}`}; the time of day is told to nobody`}
        isOn={now.wall_clock ?? false}
        set={(isOn) => (one) => ({ ...one, wall_clock: isOn })}
      />
      <Choice
        words="All packages, lock files and variable names of this machine; otherwise packages that the files import or everybody knows"
        isOn={now.whole_environment ?? false}
        set={(isOn) => (one) => ({ ...one, whole_environment: isOn })}
      />
    </Card>
  );
}

function Choice(props: {
  words: string;
  isOn: boolean;
  set: (isOn: boolean) => (plan: Plan) => Plan;
}): JSX.Element {
  return (
    <label class="row">
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => {
          const isOn = event.currentTarget.checked;
          void change(props.set(isOn), isOn ? "It is shared." : "It is not shared.");
        }}
      />
      {props.words}
    </label>
  );
}
