/** The player's screens, in the order of the bar. */
import type { Screen } from "../screens";
import { Files } from "./files";
import { Output } from "./output";
import { TextScreen } from "./text";
import { Timeline } from "./timeline";
import "./player.css";

export const playerScreens: readonly Screen[] = [
  { id: "timeline", title: "Timeline", part: "player", view: Timeline },
  { id: "files", title: "Files", part: "player", view: Files },
  { id: "output", title: "Output", part: "player", view: Output },
  { id: "text", title: "Text", part: "player", view: TextScreen },
];
