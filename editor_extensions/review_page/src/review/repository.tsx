/** Public code: the repository's name, and the files of its base commit. Two choices, each with
 * what it tells; that the code is public is the person's claim, and is called so. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Recorded } from "../ui/parts";
import { BaseTreeChoice } from "./base_tree";
import { Card } from "./card";
import type { Changed, RepositoryRow } from "./contract";
import { fetchedFor } from "./fetched";
import { LICENCES } from "./signing";
import { act, change, revision } from "./state";
import { count } from "./words";

const repositories = fetchedFor<RepositoryRow>(() => "/api/repository");
/** Whether the person opened the list of commits. */
const areCommitsOpen = signal(false);

export function PublicCode(): JSX.Element {
  const row = repositories.use();
  return (
    <Card id="public" title="If the code is public">
      {row === null ? <p class="muted">Looking…</p> : <Naming row={row} />}
      <BaseTreeChoice />
    </Card>
  );
}

function Naming({ row }: { row: RepositoryRow }): JSX.Element {
  const { named } = row;
  if (!row.possible && named === null) {
    return (
      <p>
        The repository cannot be named: {row.why_not}. <span class="muted">{row.hint}</span>
      </p>
    );
  }
  return (
    <div class="column" data-naming={named === null ? "no" : "yes"}>
      <p class="row">
        <strong class="grow">Name the repository</strong>
        <span class={`pill ${named === null ? "" : "warn"}`}>
          {named === null ? "not named" : "named"}
        </span>
      </p>
      <p class="small muted">{row.claim_text}</p>
      {named === null ? <NameForm row={row} /> : <Named named={named} />}
      <Commits row={row} />
    </div>
  );
}

function NameForm({ row }: { row: RepositoryRow }): JSX.Element {
  const url = useRef<HTMLInputElement>(null);
  const spdx = useRef<HTMLInputElement>(null);
  const name = (): void => {
    const said = url.current?.value.trim() ?? "";
    if (said !== "") void nameIt(said, spdx.current?.value.trim() ?? "");
  };
  return (
    <form
      class="column"
      onSubmit={(event) => {
        event.preventDefault();
        name();
      }}
    >
      <label class="row">
        <span class="rv-label">Address</span>
        <input
          ref={url}
          class="grow"
          type="text"
          inputMode="url"
          autocomplete="off"
          spellcheck={false}
          placeholder="https://…"
          value={row.suggested_url ?? ""}
        />
      </label>
      <label class="row">
        <span class="rv-label">Its licence (SPDX)</span>
        <input
          ref={spdx}
          class="grow"
          type="text"
          list="rv-spdx"
          autocomplete="off"
          spellcheck={false}
          placeholder="empty: nothing is said of it"
        />
        <datalist id="rv-spdx">
          {LICENCES.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <div>
        <button type="submit">It is public: name it</button>
      </div>
    </form>
  );
}

function Named({ named }: { named: NonNullable<RepositoryRow["named"]> }): JSX.Element {
  return (
    <p class="row">
      <span class="grow">
        <Recorded text={named.url} />, {named.spdx}, {count(named.commits, "commit")} by its own
        name
      </span>
      <button
        type="button"
        onClick={() =>
          void change((one) => ({ ...one, name_repository: null }), "It is not named.")
        }
      >
        Do not name it
      </button>
    </p>
  );
}

function Commits({ row }: { row: RepositoryRow }): JSX.Element {
  const isOpen = areCommitsOpen.value;
  return (
    <div>
      <button
        type="button"
        class="quiet"
        aria-expanded={isOpen}
        disabled={row.commits.length === 0}
        onClick={() => (areCommitsOpen.value = !isOpen)}
      >
        {commitsWords(row)}
      </button>
      {isOpen && (
        <ul class="plain rv-list" aria-label="Commits that a remote held" tabIndex={0}>
          {row.commits.map((one) => (
            <li key={one.name} class="row">
              <code class="grow cut-short">{one.commit}</code>
              {one.is_base && <span class="small muted">where the recording began</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** "3 commits would be named; 2 others stay pseudonyms". */
function commitsWords({ commits, not_public: others, named }: RepositoryRow): string {
  const verb = named === null ? "would be" : commits.length === 1 ? "is" : "are";
  const said = `${count(commits.length, "commit")} ${verb} named`;
  if (others === 0) return said;
  const rest = others === 1 ? "stays a pseudonym" : "stay pseudonyms";
  return `${said}; ${count(others, "other")} ${rest}`;
}

/** The server knows which commits a remote held: the map of names is made there. */
async function nameIt(url: string, spdx: string): Promise<void> {
  await act((client) => {
    const body = { revision: revision.value, url, spdx };
    return client.json<Changed>("POST", "/api/repository", body);
  }, "The repository is named.");
}
