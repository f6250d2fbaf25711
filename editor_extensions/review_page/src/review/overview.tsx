/** Overview of one kept task: what would be shared, said so that it is read in two minutes. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { keysOf, useKeys } from "../keyboard";
import { go } from "../session";
import { checkList } from "./check";
import { ComesAlong } from "./comes_along";
import type { Overview } from "./contract";
import { DeletedText } from "./deleted_card";
import { fetchedFor } from "./fetched";
import { HowItIsTold } from "./how_told";
import { KeepChoice, NothingKept, TASK_ACTS } from "./keep_choice";
import { Authors, Commands, Files, GitAndGaps, Masked, Tests, Unseen } from "./overview_cards";
import { headline } from "./overview_words";
import { PublicCode } from "./repository";
import { keep, lookAtPreview } from "./state";
import { TakeOut } from "./take_out";
import { UsefulCard } from "./useful";
import { goToThinking, Thinking } from "./thinking";
import { UndoButton } from "./undo_button";

const overviews = fetchedFor<Overview>((place) => `/api/keeps/${place}/overview`);

export function OverviewScreen(): JSX.Element {
  const place = keep.value;
  const found = overviews.use();
  const checks = checkList.use();
  const actions = useMemo(
    () =>
      keysOf("overview", {
        ...TASK_ACTS,
        shared: () => void lookAtPreview(keep.peek() ?? 0),
        notes: goToThinking,
        take_out: () => {
          const card = document.getElementById("out")?.closest("section");
          card?.scrollIntoView({ block: "start" });
          card?.querySelector<HTMLElement>("button, input, select")?.focus();
        },
      }),
    [],
  );
  useKeys(actions);
  if (place === null) return <NothingKept />;
  return (
    <div class="sheet rv-overview">
      <div class="rv-head">
        <div class="grow">
          <h1>What would be shared</h1>
          <p data-headline>{found === null ? "Looking…" : headline(found)}</p>
        </div>
        <KeepChoice />
        <UndoButton />
      </div>
      <div class="row rv-next">
        <button type="button" class="main" onClick={() => void lookAtPreview(place)}>
          Look at it <kbd>v</kbd>
        </button>
        <button
          type="button"
          onClick={() => {
            go("check");
          }}
        >
          To check{checks !== null && `: ${checks.decisions_needed} to decide`}
        </button>
        <button
          type="button"
          onClick={() => {
            go("sign");
          }}
        >
          Sign
        </button>
        <span class="muted">It goes to nobody yet: you name one store when you sign.</span>
      </div>
      {found !== null && <Everything overview={found} place={place} />}
    </div>
  );
}

function Everything({ overview, place }: { overview: Overview; place: number }): JSX.Element {
  return (
    <div class="rv-cards">
      <div class="rv-cards-column">
        <Authors overview={overview} />
        <Files overview={overview} />
        <DeletedText overview={overview} place={place} />
        <Commands overview={overview} place={place} />
        <ComesAlong overview={overview} place={place} />
        <Unseen overview={overview} />
      </div>
      <div class="rv-cards-column">
        <Tests overview={overview} />
        <Thinking />
        <UsefulCard rows={overview.quality} />
        <TakeOut overview={overview} place={place} />
        <Masked overview={overview} />
        <GitAndGaps overview={overview} />
        <HowItIsTold day={overview.day} />
      </div>
      <div class="rv-wide-card">
        <PublicCode />
      </div>
    </div>
  );
}
