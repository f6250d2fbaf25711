/** What a button is about, for those who hear the page: recorded text, made plain like all of it. */
import type { JSX } from "preact";
import { linear } from "../episode/linear";

export function Heard({ text }: { text: string }): JSX.Element {
  return <span class="only-heard"> {linear(text)}</span>;
}
