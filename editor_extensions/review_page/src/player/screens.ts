/** The player's screens, in the order of the bar. */
import type { Screen } from "../screens";
import { FILES_KEYS, Files } from "./files";
import { OUTPUT_KEYS, Output } from "./output";
import { TEXT_KEYS, TextScreen } from "./text";
import { TIMELINE_KEYS, Timeline } from "./timeline";
import "./player.css";

export const playerScreens: readonly Screen[] = [
  { id: "timeline", title: "Timeline", part: "player", view: Timeline, keys: TIMELINE_KEYS },
  { id: "files", title: "Files", part: "player", view: Files, keys: FILES_KEYS },
  { id: "output", title: "Output", part: "player", view: Output, keys: OUTPUT_KEYS },
  { id: "text", title: "Text", part: "player", view: TextScreen, keys: TEXT_KEYS },
];
