/** What signing gave, and how anybody checks it without us. */
import type { JSX } from "preact";
import type { Answer, Signed } from "./contract";
import { localDate } from "./words";

const QUESTIONS = [
  ["integrity", "These are the bytes that were shown."],
  ["authenticity", "The key signed this statement."],
  ["authority", "It is your key for this store, and the sign-off is valid."],
] as const;

export function SignedResult({ signed }: { signed: Signed }): JSX.Element {
  return (
    <section class="card column rv-signed" aria-labelledby="rv-signed">
      <h2 id="rv-signed">Signed</h2>
      <p>
        For <span class="mono">{signed.audience}</span>, until{" "}
        <time dateTime={signed.expires} title={signed.expires}>
          {localDate(signed.expires)}
        </time>
        . Nothing was sent; when you want to: <code data-only="browser">signoff upload</code>
        <span data-only="editor" hidden>
          <q>Send it</q> in the list Reviews
        </span>
        .
      </p>
      <ul class="plain">
        {QUESTIONS.map(([name, words]) => (
          <Checked key={name} answer={signed[name]} words={words} />
        ))}
      </ul>
      <dl class="rv-facts">
        <dt>Statement</dt>
        <dd class="mono" data-statement>
          {signed.statement_path}
        </dd>
        <dt>Signature</dt>
        <dd class="mono" data-signature>
          {signed.signature_path}
        </dd>
        <dt>Key</dt>
        <dd class="mono">
          {signed.key.fingerprint} ({signed.key.kind})
        </dd>
      </dl>
      <h3>Anybody can check it with standard tools</h3>
      <pre class="rv-commands" tabIndex={0} role="region" aria-label="Commands" data-commands>
        {signed.commands.join("\n")}
      </pre>
    </section>
  );
}

function Checked({ answer, words }: { answer: Answer; words: string }): JSX.Element {
  return (
    <li class="row">
      <span class={`pill ${answer.good ? "good" : "bad"}`}>{answer.good ? "good" : "bad"}</span>
      <span>{words}</span>
      <span class="small muted">{answer.fact}</span>
    </li>
  );
}
