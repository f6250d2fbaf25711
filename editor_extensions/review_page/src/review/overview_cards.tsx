/** The cards of Overview that only tell, and the cuts that stand beside what they tell. */
import type { JSX } from "preact";
import { Path, Recorded } from "../ui/parts";
import { maskKind, maskReason } from "../episode/shown_words";
import { Card } from "./card";
import type { Overview } from "./contract";
import { Heard } from "./heard";
import {
  authorsOf,
  baseSteps,
  checkWords,
  gapWords,
  MASKS_PROMISE,
  testsLine,
  unseenOf,
  verdictPill,
} from "./overview_words";
import { cutRange, tick } from "./plan_edits";
import { change, keptRows, now, plan } from "./state";
import { count, duration, elapsed, grouped, listed } from "./words";

export function Authors({ overview }: { overview: Overview }): JSX.Element {
  const authors = authorsOf(overview.authors);
  if (authors.length === 0) {
    return (
      <Card id="authors" title="Who or what wrote it">
        <p class="muted">No text was written in it.</p>
      </Card>
    );
  }
  return (
    <Card id="authors" title="Who or what wrote it">
      <div class="rv-bar" aria-hidden="true">
        {authors
          .filter((author) => author.fraction > 0)
          .map((author) => (
            <span
              key={author.name}
              class={`rv-actor-${author.name}`}
              style={{ flexGrow: String(author.fraction) }}
            />
          ))}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Wrote</th>
            <th scope="col">Still there</th>
          </tr>
        </thead>
        <tbody>
          {authors.map((author) => (
            <tr key={author.name}>
              <th scope="row">
                <span class={`rv-dot rv-actor-${author.name}`} aria-hidden="true" /> {author.words}
              </th>
              <td>
                {grouped(author.written)} characters{author.share !== "" && `, ${author.share}`}
              </td>
              <td>{grouped(author.surviving)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small muted">
        Unknown means that nobody saw who it was. It is never counted as you.
      </p>
    </Card>
  );
}

export function Tests({ overview }: { overview: Overview }): JSX.Element {
  const { tests } = overview;
  return (
    <Card id="tests" title="Tests over time">
      {tests.length === 0 ? (
        <p class="muted">No test was run.</p>
      ) : (
        <ol class="plain rv-tests">
          {tests.map((row) => {
            const [look, word] = verdictPill(row);
            return (
              <li key={row.seq} class="row">
                <span class={look}>{word}</span>
                <span class="mono muted">{elapsed(row.t_ns)}</span>
                <span>{testsLine(row)}</span>
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}

export function Files({ overview }: { overview: Overview }): JSX.Element {
  const known = new Set(overview.licences.map((row) => row.file));
  return (
    <Card id="files" title={`Files: ${overview.files.length}`}>
      {overview.files.length === 0 && <p class="muted">No file is in it.</p>}
      <ul class="plain rv-list">
        {overview.files.map((row) => (
          <li key={row.file} class="row">
            <span class="grow cut-short">
              <Path path={row.path} />
            </span>
            {known.has(row.file) && <span class="pill warn">not yours?</span>}
            <span class="small muted">
              {count(row.edits, "edit")}, {count(row.chars, "character")}
            </span>
            <button
              type="button"
              class="quiet"
              onClick={() =>
                void change((now) => tick(now, "cut_files", row.file, true), "The file is cut.")
              }
            >
              Cut
              <Heard text={`the file ${row.path}`} />
            </button>
          </li>
        ))}
      </ul>
      {overview.licences.length > 0 && (
        <>
          <h3>Perhaps not yours to share</h3>
          <ul class="plain rv-list">
            {overview.licences.map((row) => (
              <li key={row.file}>
                <Path path={row.path} /> <span class="small muted">{row.why}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

export function Masked({ overview }: { overview: Overview }): JSX.Element {
  return (
    <Card id="masked" title="Masked, and why">
      {overview.masks.length === 0 ? (
        <p class="muted">Nothing was recognised, and you masked nothing.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">How it was found</th>
              <th scope="col">Values</th>
            </tr>
          </thead>
          <tbody>
            {overview.masks.map((row) => (
              <tr key={`${row.kind}/${row.way}`}>
                <td>
                  <Recorded text={maskKind(row.kind)} mono={false} />
                </td>
                <td>{maskReason(row.way)}</td>
                <td>{row.count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="small muted">
        {MASKS_PROMISE} What was not recognised and you did not mark is still there. Whoever reads
        the file sees that something was masked, where, and of what kind.
      </p>
    </Card>
  );
}

export function Commands({ overview, place }: { overview: Overview; place: number }): JSX.Element {
  const spans = keptRows.value[place]?.spans ?? [];
  const steps = baseSteps(now().base, spans, plan.value, "command", overview.commands.length);
  return (
    <Card id="commands" title="Commands">
      {overview.commands.length === 0 && <p class="muted">No command is in it.</p>}
      <ol class="plain rv-list">
        {overview.commands.map((row, at) => (
          <li key={row.seq} class="row">
            <span class="mono muted">{elapsed(row.t_ns)}</span>
            <span class="grow cut-short">
              <Recorded text={row.line} />
            </span>
            {row.exit_code !== null && row.exit_code !== 0 && (
              <span class="pill bad">exit {row.exit_code}</span>
            )}
            <CutStep seq={steps?.[at]} what={row.line} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function CutStep({ seq, what }: { seq: number | undefined; what: string }): JSX.Element | null {
  if (seq === undefined) return null;
  return (
    <button
      type="button"
      class="quiet"
      onClick={() =>
        void change(
          (now) => cutRange(now, { from_seq: seq, to_seq: seq }),
          "The command is cut, with its output.",
        )
      }
    >
      Cut
      <Heard text={what} />
    </button>
  );
}

export function GitAndGaps({ overview }: { overview: Overview }): JSX.Element {
  return (
    <Card id="git" title="Git and gaps">
      {overview.git.length === 0 && <p class="muted">No git operation is in it.</p>}
      <ol class="plain rv-list">
        {overview.git.map((row) => (
          <li key={row.seq} class="row">
            <span class="mono muted">{elapsed(row.t_ns)}</span>
            <span>{row.operation}</span>
            <span class="grow cut-short">
              <Recorded text={row.message ?? ""} mono={false} />
            </span>
          </li>
        ))}
      </ol>
      {overview.gaps.length > 0 && (
        <ol class="plain rv-list" aria-label="Gaps">
          {overview.gaps.map((row) => (
            <li key={row.seq} class="row">
              <span class="mono muted">{elapsed(row.t_ns)}</span>
              <span>gap: {gapWords(row.reason)}</span>
              <span class="muted">{duration(row.duration_ns)}</span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

export function Unseen({ overview }: { overview: Overview }): JSX.Element {
  const { none, partial } = unseenOf(overview);
  return (
    <Card id="unseen" title="What no source could see">
      {none.length > 0 && <p>Not seen: {listed(none)}.</p>}
      {partial.length > 0 && <p>Only in part: {listed(partial)}.</p>}
      {none.length + partial.length === 0 && <p>No source said that it could not see something.</p>}
      <p class="small muted">{checkWords(overview.check)}</p>
    </Card>
  );
}
