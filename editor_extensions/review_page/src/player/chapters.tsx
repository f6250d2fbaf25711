/** The chapter that the moment lies in, all others to choose from, and the way to the next. */
import type { JSX } from "preact";
import { clockText } from "../episode/steps";
import { linear } from "../episode/linear";
import { moment, storyline } from "../session";
import { chapterAt, chapterWords } from "../storyline";
import { goToChapter, moveToChapter } from "./player_state";

const LONGEST = 80;

export function Chapters(): JSX.Element | null {
  const { chapters } = storyline.value;
  if (chapters.length === 0) return null;
  const here = chapterAt(storyline.value, moment.value);
  return (
    <span class="jump chapters">
      <button
        type="button"
        class="quiet"
        aria-label="Previous chapter (S)"
        onClick={() => {
          moveToChapter(-1);
        }}
      >
        ‹
      </button>
      <label>
        <span class="only-heard">Chapter</span>
        <select
          value={String(here)}
          onChange={(event) => {
            const chosen = chapters[Number(event.currentTarget.value)];
            if (chosen !== undefined) goToChapter(chosen);
          }}
        >
          {here < 0 && <option value="-1">no chapter</option>}
          {chapters.map((one, n) => (
            <option key={n} value={String(n)}>
              {clockText(one.t_ms)} {shortened(chapterWords(one))}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="quiet"
        aria-label="Next chapter (s)"
        onClick={() => {
          moveToChapter(1);
        }}
      >
        ›
      </button>
    </span>
  );
}

function shortened(words: string): string {
  const points = Array.from(linear(words).replaceAll("\n", "\u240a"));
  return points.length <= LONGEST ? points.join("") : `${points.slice(0, LONGEST).join("")} \u2026`;
}
