/** What of the final bytes was opened, and what was not: listed to be opened, or signed unseen. */
import type { JSX } from "preact";
import { go, seenFiles, seenOutputs, shown } from "../session";
import { Path, Recorded } from "../ui/parts";
import type { Terms } from "./contract";
import { choices, isShown } from "./final_state";
import { Heard } from "./heard";
import { seenWords } from "./signing";

const MOST_LISTED = 12;

export function LookedAt({ offered }: { offered: Terms }): JSX.Element {
  const summary = isShown.value ? (shown.value?.episode.summary ?? null) : null;
  const files = offered.unseen_files
    .filter((file) => !seenFiles.value.has(file))
    .flatMap((file) => {
      const path = summary?.files[file];
      return path === undefined ? [] : [{ path, file }];
    });
  const unseen = new Set(offered.unseen_outputs);
  const outputs = (summary?.outputs ?? []).filter(
    ({ seq }) => unseen.has(seq) && !seenOutputs.value.has(seq),
  );
  return (
    <section class="card column" aria-labelledby="rv-seen">
      <h2 id="rv-seen">2. What you looked at</h2>
      <p data-seen>
        {seenWords(offered)}.{" "}
        {offered.unseen > 0 &&
          "Files that you did not open are signed too if you confirm it below."}
      </p>
      {offered.unseen > 0 && (
        <ul class="plain rv-unseen" aria-label="Not opened yet">
          {files.slice(0, MOST_LISTED).map(({ path, file }) => (
            <li key={`file-${file}`} class="row">
              <span class="grow cut-short">
                <Path path={path} />
              </span>
              <button
                type="button"
                onClick={() => {
                  go("files", { file });
                }}
              >
                Open
                <Heard text={path} />
              </button>
            </li>
          ))}
          {outputs.slice(0, MOST_LISTED).map((step) => (
            <li key={`output-${step.seq}`} class="row">
              <span class="grow cut-short">
                <Recorded text={step.label} />
              </span>
              <button
                type="button"
                onClick={() => {
                  go("output", { seq: step.seq });
                }}
              >
                Open
                <Heard text={`output of step ${step.seq}`} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {offered.unseen > 0 && (
        <label class="row">
          <input
            type="checkbox"
            checked={choices.value.isUnseenConfirmed}
            onChange={(event) => {
              choices.value = {
                ...choices.value,
                isUnseenConfirmed: event.currentTarget.checked,
              };
            }}
          />
          I sign what I did not open, unseen
        </label>
      )}
    </section>
  );
}
