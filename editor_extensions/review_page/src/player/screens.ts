/** The player's screens, in the order of the bar. */
import type { Screen } from "../screens";

export const playerScreens: readonly Screen[] = [];
