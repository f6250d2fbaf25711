/** For whom, for what, for how long, and whose it is. Nothing is chosen beforehand. */
import type { ComponentChildren, JSX } from "preact";
import type { Terms } from "./contract";
import { choices } from "./final_state";
import { HubTerms } from "./hub_terms";
import {
  audienceWords,
  needsPermission,
  OWNERS,
  PURPOSES,
  REQUESTERS,
  wordsOf,
  type Choices,
} from "./signing";

function choose(change: Partial<Choices>): void {
  choices.value = { ...choices.value, ...change };
}

export function TermsForm({ offered }: { offered: Terms }): JSX.Element {
  const now = choices.value;
  return (
    <section class="card column" aria-labelledby="rv-terms">
      <h2 id="rv-terms">4. For whom and for what</h2>
      <Field label="Store" note={audienceWords(now.audience)}>
        <input
          type="text"
          class="rv-wide"
          list="rv-audiences"
          spellcheck={false}
          autocomplete="off"
          value={now.audience}
          onInput={(event) => {
            choose({ audience: event.currentTarget.value });
          }}
        />
        <datalist id="rv-audiences">
          {offered.audiences.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </Field>
      <HubTerms />
      <fieldset class="rv-boxes">
        <legend>It may be used</legend>
        {offered.purposes.map((purpose) => (
          <label key={purpose} class="row">
            <input
              type="checkbox"
              checked={now.purposes.includes(purpose)}
              onChange={(event) => {
                const rest = now.purposes.filter((one) => one !== purpose);
                choose({ purposes: event.currentTarget.checked ? [...rest, purpose] : rest });
              }}
            />
            {wordsOf(PURPOSES, purpose)}
          </label>
        ))}
      </fieldset>
      <Field label="Licence" note={licenceWords(offered)}>
        <input
          type="text"
          list="rv-licences"
          spellcheck={false}
          autocomplete="off"
          value={now.licence}
          onInput={(event) => {
            choose({ licence: event.currentTarget.value });
          }}
        />
        <datalist id="rv-licences">
          {offered.licences.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </Field>
      <Field label="Days it is valid" note={`${offered.default_days} if you leave it empty`}>
        <input
          type="text"
          inputMode="numeric"
          class="rv-short"
          value={now.days}
          placeholder={String(offered.default_days)}
          onInput={(event) => {
            choose({ days: event.currentTarget.value });
          }}
        />
      </Field>
      <Field label="Who asked for it" note="">
        <select
          value={now.requestedBy}
          onChange={(event) => {
            choose({ requestedBy: event.currentTarget.value });
          }}
        >
          {offered.requesters.map((one) => (
            <option key={one} value={one}>
              {wordsOf(REQUESTERS, one)}
            </option>
          ))}
        </select>
      </Field>
      <Rights offered={offered} />
      <Earlier offered={offered} />
      <label class="row">
        <input
          type="checkbox"
          checked={now.asMe}
          onChange={(event) => {
            choose({ asMe: event.currentTarget.checked });
          }}
        />
        Sign with my git key. It names me; otherwise a key made for this store does not.
      </label>
      {offered.was_shared && (
        <label class="row">
          <input
            type="checkbox"
            checked={now.isAlone}
            onChange={(event) => {
              choose({ isAlone: event.currentTarget.checked });
            }}
          />
          The editor was shared in this session; nobody but me typed what is in this task.
        </label>
      )}
    </section>
  );
}

function Field(props: { label: string; note: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="row rv-field">
      <label class="row">
        <span class="rv-label">{props.label}</span>
        {props.children}
      </label>
      <span class="small muted">{props.note}</span>
    </div>
  );
}

function licenceWords(offered: Terms): string {
  const known = offered.repository_licence;
  return known === "NOASSERTION"
    ? "such as MIT; NOASSERTION if you do not want to say"
    : `the code's: ${known}`;
}

function Rights({ offered }: { offered: Terms }): JSX.Element {
  const now = choices.value;
  return (
    <>
      {offered.owner === null ? (
        <Field label="Whose code it is" note="">
          <select
            value={now.owner}
            onChange={(event) => {
              choose({ owner: event.currentTarget.value });
            }}
          >
            <option value="">choose</option>
            {Object.entries(OWNERS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </Field>
      ) : (
        <p>
          <span class="rv-label">Whose code it is</span> {wordsOf(OWNERS, offered.owner)}, as you
          said when you enabled recording
        </p>
      )}
      {needsPermission(offered, now) && (
        <fieldset class="rv-boxes">
          <legend>Such code needs a permission that you hold</legend>
          {(
            [
              ["new", "I hold one; make a reference that I keep with it"],
              ["held", "I have its reference"],
            ] as const
          ).map(([value, words]) => (
            <label key={value} class="row">
              <input
                type="radio"
                name="rv-permission"
                checked={now.permission === value}
                onChange={() => {
                  choose({ permission: value });
                }}
              />
              {words}
            </label>
          ))}
          {now.permission === "held" && (
            <Field label="Reference" note="32 hexadecimal digits">
              <input
                type="text"
                autocomplete="off"
                value={now.reference}
                onInput={(event) => {
                  choose({ reference: event.currentTarget.value });
                }}
              />
            </Field>
          )}
        </fieldset>
      )}
    </>
  );
}

function Earlier({ offered }: { offered: Terms }): JSX.Element | null {
  const standing = offered.earlier.filter((one) => one.void_because === null);
  if (standing.length === 0) return null;
  return (
    <p class="notice">
      You signed this very file before, for {standing.map((one) => one.audience).join(", ")}.
      Signing again for the same store replaces that sign-off.
    </p>
  );
}
