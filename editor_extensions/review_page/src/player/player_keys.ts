/** What the keys of the player do on every screen that has them. */
import { go, message, moment, screen } from "../session";
import { isMomentAsked } from "./go_to";
import {
  chosenSpeed,
  film,
  isInFull,
  isPlaying,
  kinds,
  moveAlong,
  moveBy,
  moveTo,
  moveToChapter,
  moveToFile,
  speed,
} from "./player_state";
import { nextSpeed } from "./speeds";
import { askSearch, goToHit } from "./text_search";

/** Keys that play. */
export const PLAYING = {
  play: togglePlaying,
  speed: changeSpeed,
  silence: () => {
    isInFull.value = !isInFull.value;
    message.value = isInFull.value ? "Silence is played in full." : "Silence is squeezed.";
  },
};

/** Keys that move the moment. */
export const MOVING = {
  step: (by: 1 | -1) => {
    moveBy(by);
  },
  ten: (by: 1 | -1) => {
    moveBy(by * 10);
  },
  edge: (by: 1 | -1) => {
    moveBy(by * Infinity);
  },
  tests: (by: 1 | -1) => {
    moveAlong("tests", by);
  },
  command: (by: 1 | -1) => {
    moveAlong("commands", by);
  },
  git: (by: 1 | -1) => {
    moveAlong("git", by);
  },
  agent: (by: 1 | -1) => {
    moveAlong("agents", by);
  },
  note: (by: 1 | -1) => {
    moveAlong("notes", by);
  },
  gap: (by: 1 | -1) => {
    moveAlong("gaps", by);
  },
  other_file: moveToFile,
  chapter: moveToChapter,
};

/** Keys that look for something. */
export const LOOKING = {
  search: askSearch,
  hit: goToHit,
  output: () => {
    if (kinds.value === "diagnostics") kinds.value = "most";
    go("output");
  },
  problems: () => {
    kinds.value = "diagnostics";
    go("output");
  },
  files: () => {
    go("files");
  },
  moment: () => {
    isMomentAsked.value = true;
  },
};

export function togglePlaying(): void {
  const steps = film.value?.steps ?? 0;
  if (!isPlaying.value && moment.value >= steps - 1) moveTo(-1);
  isPlaying.value = !isPlaying.value;
  if (screen.value !== "timeline") go("timeline");
}

function changeSpeed(by: 1 | -1): void {
  chosenSpeed.value = nextSpeed(speed.value, by);
  message.value = `${speed.value}×`;
}
