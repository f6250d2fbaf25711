/** The terms of a hub, in its own words: read before anything is signed for it. */
import type { JSX } from "preact";
import { Recorded } from "../ui/parts";
import { choices, isBusy, readHub } from "./final_state";
import { hubOf, isHub, PROHIBITED, PURPOSES, wordsOf } from "./signing";

export function HubTerms(): JSX.Element | null {
  const now = choices.value;
  const hub = hubOf(now);
  if (!isHub(now.audience)) return null;
  if (hub === null) {
    return (
      <p class="row">
        <button type="button" disabled={isBusy.value} onClick={() => void readHub()}>
          Read the terms of this hub
        </button>
        <span class="small muted">It is asked for them; nothing else is sent.</span>
      </p>
    );
  }
  const law = hub.jurisdiction === "ZZ" ? "not said" : hub.jurisdiction;
  const facts = [
    ["Who answers for it", hub.controller],
    ["Law", `${law}; it relies on: ${hub.lawful_basis}`],
    ["It takes episodes", hub.purposes.map((one) => wordsOf(PURPOSES, one)).join(", ")],
    ["Never", hub.prohibited_uses.map((one) => wordsOf(PROHIBITED, one)).join(", ")],
    ["It keeps them", `${hub.retention_days} days at most`],
    ["These terms", `${hub.terms_sha256}, from ${hub.valid_from}`],
    ["Its key", hub.key],
  ] as const;
  return (
    <div class="column" data-hub-terms={hub.terms_sha256}>
      {hub.has_changed && (
        <p class="notice warn">These are not the terms that you signed under before.</p>
      )}
      <dl class="rv-facts">
        {facts.map(([name, words]) => (
          <>
            <dt>{name}</dt>
            <dd>{words}</dd>
          </>
        ))}
      </dl>
      <div class="rv-notice-text" role="region" aria-label="The terms of the hub" tabIndex={0}>
        {hub.text.split("\n").map((line, at) => (
          <p key={at}>
            <Recorded text={line} mono={false} />
          </p>
        ))}
      </div>
      <p class="small muted">
        The digest of these terms is part of what you sign. The key is kept on this machine: a hub
        that shows another one is refused.
      </p>
    </div>
  );
}
