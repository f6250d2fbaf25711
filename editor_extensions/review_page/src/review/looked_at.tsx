/** What of the final bytes was opened, and what was not: listed to be opened, or signed unseen. */
import type { JSX } from "preact";
import { openDeleted } from "../player/text_search";
import { go, rendered, shown } from "../session";
import { Path, Recorded } from "../ui/parts";
import { VirtualList } from "../ui/virtual_list";
import type { Terms } from "./contract";
import { choices, isShown, made } from "./final_state";
import { Heard } from "./heard";
import { seenWords, textKind } from "./signing";
import { count } from "./words";

const LINE_PX = 40;
const MOST_IN_VIEW = 8;

/** A file, an output, a message or the deleted texts of a file that was not opened. */
interface Unseen {
  readonly id: string;
  readonly name: JSX.Element;
  readonly heard: string;
  readonly kind: string;
  readonly open: () => void;
}

export function LookedAt({ offered }: { offered: Terms }): JSX.Element {
  const unseen = isShown.value ? unseenOf(offered) : [];
  return (
    <section class="card column" aria-labelledby="rv-seen">
      <h2 id="rv-seen">2. What you looked at</h2>
      <p data-seen>
        {seenWords(offered, made.value?.texts ?? [])}.{" "}
        {offered.unseen > 0 && "What you did not open is signed too if you confirm it below."}
      </p>
      {unseen.length > 0 && (
        <div
          class="rv-unseen"
          style={{ height: `${Math.min(unseen.length, MOST_IN_VIEW) * LINE_PX}px` }}
        >
          <VirtualList
            count={unseen.length}
            lineHeight={LINE_PX}
            label="Not opened yet"
            render={({ from, to }) =>
              unseen.slice(from, to).map((one) => <UnseenLine key={one.id} one={one} />)
            }
          />
        </div>
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

function UnseenLine({ one }: { one: Unseen }): JSX.Element {
  return (
    <div class="row rv-unseen-line" data-unseen={one.kind}>
      <span class="grow cut-short">{one.name}</span>
      <span class="small muted">{one.kind}</span>
      <button type="button" onClick={one.open}>
        Open
        <Heard text={one.heard} />
      </button>
    </div>
  );
}

const WORDS: Readonly<Record<string, string>> = { search: "search", assist: "offered text" };

function wordOf(kind: string): string {
  return WORDS[kind] ?? textKind(kind);
}

function unseenOf(offered: Terms): Unseen[] {
  const summary = shown.value?.episode.summary;
  if (summary === undefined) return [];
  const { files, outputs, deleted } = rendered.value;
  const pathOf = (file: number): string => summary.files[file] ?? "";
  const steps = new Set(offered.unseen_outputs.filter((seq) => !outputs.includes(seq)));
  return [
    ...offered.unseen_deleted
      .filter(({ file }) => !deleted.includes(file))
      .map(({ file, texts }) => ({
        id: `deleted-${file}`,
        name: <Path path={pathOf(file)} />,
        heard: `deleted text of ${pathOf(file)}`,
        kind: count(texts, "deleted text"),
        open: () => {
          openDeleted(file);
        },
      })),
    ...offered.unseen_files
      .filter((file) => !files.includes(file))
      .map((file) => ({
        id: `file-${file}`,
        name: <Path path={pathOf(file)} />,
        heard: pathOf(file),
        kind: "file",
        open: () => {
          go("files", { file });
        },
      })),
    ...summary.outputs
      .filter(({ seq }) => steps.has(seq))
      .map((step) => ({
        id: `output-${step.seq}`,
        name: <Recorded text={step.label} />,
        heard: `${wordOf(step.kind)} of step ${step.seq}`,
        kind: wordOf(step.kind),
        open: () => {
          go("output", { seq: step.seq });
        },
      })),
  ];
}
