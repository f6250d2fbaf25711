/** Sign: the final bytes, what was looked at, what is agreed to; then a signature, or none. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { keysOf, useKeys } from "../keyboard";
import { focusNext } from "../focus";
import { go } from "../session";
import { Leaving } from "./leaving";
import {
  choices,
  followOutdated,
  followSeen,
  isBusy,
  isOutdated,
  isShown,
  made,
  makeFinal,
  showFinalAgain,
  sign,
  signed,
  terms,
} from "./final_state";
import { KeepChoice, NothingKept, TASK_ACTS } from "./keep_choice";
import { LookedAt } from "./looked_at";
import { SignedResult } from "./signed";
import {
  digestWords,
  missing,
  PROHIBITED,
  publicWords,
  RESOLUTIONS,
  dayWords,
  sinceWords,
  wordsOf,
} from "./signing";
import { checkList } from "./check";
import { keep, keptRow, plan, standingOf } from "./state";
import { standingWords } from "./standing_words";
import { StateBadge } from "./state_badge";
import { Recorded } from "../ui/parts";
import { TermsForm } from "./terms_form";
import { UsefulLines } from "./useful";
import { size } from "./words";
import type { Terms } from "./contract";

const KEYS = keysOf("sign", TASK_ACTS);

export function SignScreen(): JSX.Element {
  useKeys(KEYS);
  useEffect(followSeen, []);
  useEffect(followOutdated, []);
  const place = keep.value;
  const checks = checkList.use();
  if (place === null) return <NothingKept />;
  const isReady = made.value !== null && !isOutdated.value;
  const offered = isReady ? terms.value : null;
  return (
    <div class="sheet rv-sign">
      <div class="rv-head">
        <div class="grow">
          <h1>Sign</h1>
          <p class="muted">
            You sign these very bytes, for one store, on these terms. Signing sends nothing.
          </p>
        </div>
        <KeepChoice />
      </div>
      {checks !== null && checks.decisions_needed > 0 && signed.value === null && (
        <p class="notice warn row">
          <span class="grow">Still to decide under To check: {checks.decisions_needed}.</span>
          <button
            type="button"
            onClick={() => {
              go("check");
            }}
          >
            Decide
          </button>
        </p>
      )}
      <Before />
      <FinalFile place={place} isReady={isReady} />
      {offered !== null && signed.value === null && (
        <>
          <LookedAt offered={offered} />
          <Notice offered={offered} />
          <TermsForm offered={offered} />
          <SignButton offered={offered} />
        </>
      )}
      {isReady && signed.value !== null && <SignedResult signed={signed.value} />}
      <Leaving />
    </div>
  );
}

/** What was signed of this task before this page made a file of it. */
function Before(): JSX.Element | null {
  const row = keptRow.value;
  if (row === undefined || signed.value !== null) return null;
  const standing = standingOf(row);
  const words = standingWords(standing);
  if (words.length === 0) return null;
  return (
    <p class="notice row" data-before>
      <StateBadge state={standing.state} />
      <span class="grow">
        {words.map((one) => (
          <Recorded key={one} text={one} mono={false} />
        ))}
      </span>
    </p>
  );
}

function FinalFile(props: { place: number; isReady: boolean }): JSX.Element {
  const final = made.value;
  return (
    <section class="card column" aria-labelledby="rv-final">
      <h2 id="rv-final">1. The final file</h2>
      {isOutdated.value && (
        <p class="notice warn">
          The plan was changed since this file was made, and gives another one. Make it again.
        </p>
      )}
      {!props.isReady || final === null ? (
        <>
          <p>
            The task is written to a private file and read back. This page hashes what it receives
            and shows it: what you sign is what you can look at.
          </p>
          <div>
            <button
              type="button"
              class="main"
              disabled={isBusy.value}
              onClick={() => void makeFinal(props.place)}
            >
              Make the final file
            </button>
          </div>
        </>
      ) : (
        <>
          <p>
            {size(final.size_bytes)}.{" "}
            {sinceWords(final.changed_since_preview, signed.value !== null)}
          </p>
          <p>
            <span class="muted">SHA-256, worked out by this page: </span>
            <code class="rv-digest" data-digest={final.sha256}>
              {digestWords(final.sha256)}
            </code>
          </p>
          {signed.value === null && <UsefulLines rows={final.quality} />}
          {!isShown.value && signed.value === null && (
            <p class="row">
              <span class="muted">Another recording is open in the player.</span>
              <button type="button" onClick={() => void showFinalAgain()}>
                Open the final file again
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

function Notice({ offered }: { offered: Terms }): JSX.Element {
  return (
    <section class="card column" aria-labelledby="rv-notice">
      <h2 id="rv-notice">3. What you agree to</h2>
      <div class="rv-notice-text" role="region" aria-label="The notice in full" tabIndex={0}>
        {offered.notice.text.split("\n\n").map((paragraph, at) => (
          <p key={at}>{paragraph}</p>
        ))}
      </div>
      <p class="small muted">
        Version {offered.notice.version}. This text is part of what you sign.
      </p>
      <p>
        It must never be used{" "}
        {offered.prohibited_uses.map((use) => wordsOf(PROHIBITED, use)).join(", or ")}.
      </p>
      <p>Times in it are {wordsOf(RESOLUTIONS, offered.time_resolution)}.</p>
      <p>{dayWords(offered.day)}</p>
      {publicWords(plan.value).map((words) => (
        <p key={words}>{words}</p>
      ))}
    </section>
  );
}

function SignButton({ offered }: { offered: Terms }): JSX.Element {
  const undecided = (checkList.value.value?.decisions_needed ?? 0) > 0;
  const lacks = [
    ...(undecided ? ["Decide what waits for you under To check."] : []),
    ...missing(offered, choices.value),
  ];
  return (
    <section class="card column" aria-labelledby="rv-do-sign">
      <h2 id="rv-do-sign">5. Sign</h2>
      {lacks.length > 0 && (
        <ul class="rv-missing" aria-label="Still missing">
          {lacks.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <div>
        <button
          type="button"
          class="main"
          disabled={lacks.length > 0 || isBusy.value}
          onClick={() => void signAndShow()}
        >
          Sign these bytes
        </button>
      </div>
    </section>
  );
}

async function signAndShow(): Promise<void> {
  if (await sign()) focusNext(() => document.getElementById("rv-signed"));
}
