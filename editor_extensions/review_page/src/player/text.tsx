/** Search over everything in the episode, and all text that was taken away again. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { linear } from "../episode/linear";
import { clockText } from "../episode/steps";
import type { Hit, SearchResult } from "../episode/types";
import { keysOf, useKeys } from "../keyboard";
import { message, reviewActions, shown } from "../session";
import { rowHeight } from "../ui/narrow";
import { Path } from "../ui/parts";
import { WithChips } from "../ui/mask_chips";
import { fieldWords, kindWords } from "../episode/shown_words";
import { VirtualList } from "../ui/virtual_list";
import { DeletedHead, DeletedTexts } from "./deleted_texts";
import { useLatest } from "./latest";
import { LOOKING } from "./player_keys";
import { pathOf } from "./player_state";
import { asked, isPattern, matchCase, openHit, query, tab, takeHits } from "./text_search";

/** As high as the style sheets say. */
const LINE_PX = 30;
const NARROW_LINE_PX = 52;

export function TextScreen(): JSX.Element {
  const box = useRef<HTMLInputElement>(null);
  const actions = useMemo(
    () =>
      keysOf("text", {
        ...LOOKING,
        deleted: () => (tab.value = tab.value === "search" ? "deleted" : "search"),
        mask: () => {
          if (query.value.trim() === "" || isPattern.value)
            message.value = "Search for the text that you want to mask.";
          else reviewActions.value?.maskValue(query.value);
        },
      }),
    [],
  );
  useKeys(actions);
  useEffect(() => box.current?.focus(), [asked.value]);
  return (
    <div class="text-screen">
      <h1 class="only-heard">Text</h1>
      <header class="side-head">
        <span class="tabs">
          <Tab id="search" words="Search everything" />
          <Tab id="deleted" words="Deleted text" />
        </span>
        {tab.value === "search" ? (
          <SearchBox box={box} />
        ) : (
          <DeletedHead episode={shown.value?.episode ?? null} />
        )}
      </header>
      {tab.value === "search" ? <Found /> : <DeletedTexts episode={shown.value?.episode ?? null} />}
    </div>
  );
}

function Tab({ id, words }: { id: "search" | "deleted"; words: string }): JSX.Element {
  return (
    <button type="button" aria-pressed={tab.value === id} onClick={() => (tab.value = id)}>
      {words}
    </button>
  );
}

function SearchBox({ box }: { box: { current: HTMLInputElement | null } }): JSX.Element {
  return (
    <>
      <input
        type="search"
        ref={box}
        value={query.value}
        placeholder="Text of files, deleted text, commands, outputs, names …"
        aria-label="Search everything"
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => (query.value = event.currentTarget.value)}
      />
      <label class="row small">
        <input
          type="checkbox"
          checked={matchCase.value}
          onChange={(event) => (matchCase.value = event.currentTarget.checked)}
        />
        match case
      </label>
      <label class="row small">
        <input
          type="checkbox"
          checked={isPattern.value}
          onChange={(event) => (isPattern.value = event.currentTarget.checked)}
        />
        pattern
      </label>
      {reviewActions.value !== null && query.value.trim() !== "" && !isPattern.value && (
        <button type="button" onClick={() => reviewActions.value?.maskValue(query.value)}>
          Mask this everywhere
        </button>
      )}
    </>
  );
}

function Found(): JSX.Element {
  const episode = shown.value?.episode ?? null;
  const text = query.value;
  const wanted = { text, matchCase: matchCase.value, isPattern: isPattern.value };
  const fault = isPattern.value ? patternFault(text) : "";
  const result = useLatest<SearchResult>(
    () => (episode === null || text === "" || fault !== "" ? null : episode.search(wanted)),
    [episode, text, wanted.matchCase, wanted.isPattern, fault],
  );
  useEffect(() => {
    if (result === null) return;
    message.value = countWords(result);
    takeHits(result.hits);
  }, [result]);
  if (fault !== "") return <div class="waiting">{fault}</div>;
  if (text === "" || result === null) {
    return (
      <div class="waiting">
        Searches all that is in this file: every state of every text, what was deleted again,
        commands, outputs, messages and names.
      </div>
    );
  }
  if (result.count === 0) return <div class="waiting">Nothing in this episode contains that.</div>;
  return (
    <>
      <p class="side-head small muted">{countWords(result)}</p>
      <VirtualList
        count={result.hits.length}
        lineHeight={rowHeight(LINE_PX, NARROW_LINE_PX)}
        label="Found"
        render={({ from, to }) =>
          result.hits.slice(from, to).map((hit, n) => <HitLine key={from + n} hit={hit} />)
        }
      />
    </>
  );
}

function patternFault(text: string): string {
  try {
    new RegExp(text, "u");
    return "";
  } catch {
    return "This is not a valid pattern yet.";
  }
}

function countWords({ hits, count, isComplete }: SearchResult): string {
  const places = count === 1 ? "1 place" : `${count.toLocaleString("en")} places`;
  return isComplete ? places : `${places}, the first ${hits.length} of them`;
}

const WHERE = {
  text: ["in a file", ""],
  deleted: ["deleted later", "warn"],
  step: ["in a step", "accent"],
  name: ["a name", ""],
} as const;

function HitLine({ hit }: { hit: Hit }): JSX.Element {
  const [words, look] = WHERE[hit.where];
  const place = hit.file >= 0 ? pathOf(hit.file) : "";
  const isStep = hit.where === "step";
  return (
    <button
      type="button"
      class="hit"
      onClick={() => {
        openHit(hit);
      }}
    >
      <span class="mono muted">{hit.seq < 0 ? "" : clockText(hit.tMs)}</span>
      <span class={`small ${look}`}>{words}</span>
      <span class="mono cut-short">
        {isStep
          ? `${linear(kindWords(hit.kind))}: ${fieldWords(hit.field)}`
          : place !== "" && <Path path={place} />}
      </span>
      <span class="mono cut-short">
        <WithChips
          text={flat(hit.before + hit.found + hit.behind)}
          found={{ from: hit.before.length, to: hit.before.length + hit.found.length }}
        />
        {hit.more > 0 && <span class="muted"> … and in {hit.more} more steps</span>}
      </span>
    </button>
  );
}

function flat(text: string): string {
  return text.replaceAll("\n", "␊");
}
