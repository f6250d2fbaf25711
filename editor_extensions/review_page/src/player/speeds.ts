/** How fast is played: as chosen, else by the length of what is played. */
import { SPEED_RULE } from "../schemas/speeds";

export const SPEEDS: readonly number[] = SPEED_RULE.speeds;

/** The speed for a length of playback, by the rule that the terminal has too. */
export function speedFor(lengthS: number): number {
  const found = SPEED_RULE.by_length.find(([most]) => lengthS <= most);
  return found?.[1] ?? SPEEDS.at(-1) ?? 1;
}

/** The next faster speed, or slower one, if there is one. */
export function nextSpeed(speed: number, by: 1 | -1): number {
  return SPEEDS[SPEEDS.indexOf(speed) + by] ?? speed;
}
