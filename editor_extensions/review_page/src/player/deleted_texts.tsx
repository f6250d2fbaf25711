/** All text that no last state shows, whole: it is in the file all the same. */
import type { JSX } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { whyWords } from "../episode/deleted";
import { linearPath } from "../episode/linear";
import { clockText } from "../episode/steps";
import type { DeletedText, OpenEpisode } from "../episode/types";
import { noteDeletedSeen, reviewActions } from "../session";
import { WithChips } from "../ui/mask_chips";
import { VirtualList, type Stretch } from "../ui/virtual_list";
import { useLatest } from "./latest";
import { openAt, pathOf } from "./player_state";
import { deletedFile } from "./text_search";

const LINE_PX = 26;
const LONGEST = 2000;

/** A line of the list: what a text is, or a part of it. */
interface Line {
  readonly one: DeletedText;
  /** Null: the line that says what it is. */
  readonly words: string | null;
}

function useTexts(episode: OpenEpisode | null): readonly DeletedText[] | null {
  return useLatest<readonly DeletedText[]>(() => episode?.deleted() ?? null, [episode]);
}

export function DeletedHead({ episode }: { episode: OpenEpisode | null }): JSX.Element {
  const all = useTexts(episode) ?? [];
  const counts = new Map<number, number>();
  for (const one of all) counts.set(one.file, (counts.get(one.file) ?? 0) + 1);
  const files = [...counts].sort(([a], [b]) => (pathOf(a) < pathOf(b) ? -1 : 1));
  return (
    <>
      <label>
        <span class="only-heard">Of which file</span>
        <select
          class="mono"
          value={deletedFile.value === null ? "" : String(deletedFile.value)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            deletedFile.value = value === "" ? null : Number(value);
          }}
        >
          <option value="">all files ({all.length})</option>
          {files.map(([file, count]) => (
            <option key={file} value={String(file)}>
              {linearPath(pathOf(file))} ({count})
            </option>
          ))}
        </select>
      </label>
      <span class="muted small">
        All text that was there and was taken away or replaced, newest first. It is in the file.
      </span>
    </>
  );
}

export function DeletedTexts({ episode }: { episode: OpenEpisode | null }): JSX.Element {
  const all = useTexts(episode);
  const wanted = deletedFile.value;
  const listed = useMemo(
    () => (all ?? []).filter((one) => wanted === null || one.file === wanted),
    [all, wanted],
  );
  const lines = useMemo(() => listed.flatMap(linesOf), [listed]);
  const onStretch = useSeen(lines);
  if (all === null) return <div class="waiting">Looking for deleted text…</div>;
  if (lines.length === 0) return <div class="waiting">Nothing was deleted.</div>;
  return (
    <VirtualList
      count={lines.length}
      lineHeight={LINE_PX}
      label="Deleted text"
      isWide
      onStretch={onStretch}
      render={({ from, to }) =>
        lines.slice(from, to).map((line, n) => <LineOf key={from + n} line={line} />)
      }
    />
  );
}

function* partsOf(text: string): Generator<string> {
  for (const line of text.split("\n")) {
    for (let from = 0; from === 0 || from < line.length; from += LONGEST) {
      yield line.slice(from, from + LONGEST);
    }
  }
}

function linesOf(one: DeletedText): Line[] {
  return [{ one, words: null }, ...Array.from(partsOf(one.text), (words) => ({ one, words }))];
}

/** A file counts when each of its lines was in view. */
function useSeen(lines: readonly Line[]): (stretch: Stretch) => void {
  const left = useRef<{
    lines: readonly Line[];
    seen: Set<number>;
    of: Map<number, number>;
  } | null>(null);
  return useCallback(
    ({ from, to }: Stretch) => {
      if (left.current?.lines !== lines) {
        const of = new Map<number, number>();
        for (const { one } of lines) of.set(one.file, (of.get(one.file) ?? 0) + 1);
        left.current = { lines, seen: new Set(), of };
      }
      const { seen, of } = left.current;
      for (let at = from; at < Math.min(to, lines.length); at++) {
        const file = lines[at]?.one.file;
        if (file === undefined || seen.has(at)) continue;
        seen.add(at);
        const count = (of.get(file) ?? 0) - 1;
        of.set(file, count);
        if (count === 0) noteDeletedSeen(file);
      }
    },
    [lines],
  );
}

function LineOf({ line }: { line: Line }): JSX.Element {
  const { one, words } = line;
  const why = whyWords(one);
  if (words !== null)
    return (
      <div class="deleted-line mono">
        <WithChips text={words} />
      </div>
    );
  return (
    <div class="deleted-line deleted-head row">
      <span class="mono muted">{clockText(one.tMs)}</span>
      {why === "" ? (
        <span class={`small actor by-${one.actor}`}>{one.actor}</span>
      ) : (
        <span class="small">{why}</span>
      )}
      <span class="mono">
        <WithChips text={linearPath(pathOf(one.file))} />
      </span>
      <span class="small muted">{one.characters.toLocaleString("en")} characters</span>
      {reviewActions.value !== null && one.why !== "shorter" && !one.text.includes("\n") && (
        <button
          type="button"
          class="quiet small"
          onClick={() => reviewActions.value?.maskValue(one.text)}
        >
          Mask this everywhere
        </button>
      )}
      <button
        type="button"
        class="quiet small"
        onClick={() => {
          openAt(one.shownSeq, one.file);
        }}
      >
        {why === "" ? "Show before it was deleted" : "Show where it was"}
      </button>
    </div>
  );
}
