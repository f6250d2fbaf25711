/** What the program puts into the page: read once, then taken out of the document. */
import type { Storyline } from "./storyline";

export interface ReplayData {
  readonly mode: "replay";
  /** The episode's bytes in base64. */
  readonly episode: string;
  /** The moment to begin at, null for the first edit. */
  readonly at_seq: number | null;
  readonly storyline: Storyline | null;
}

export interface ReviewData {
  readonly mode: "review";
  /** Name of the recorded folder, which no episode holds; null: it was not recorded here. */
  readonly project: string | null;
  /** Bearer token of the page's requests. */
  readonly token: string;
  /** The path that the page's address gets: loaded again, it is answered with words and no data. */
  readonly again: string;
}

export type PageData = ReplayData | ReviewData;

/** The nonce of the page's script: style sheets made later bear it too. Read while the script runs
 *  first, since there is no current script afterwards. */
export const pageNonce = nonceOfScript();

function nonceOfScript(): string {
  const script = typeof document === "undefined" ? null : document.currentScript;
  return script instanceof HTMLScriptElement ? (script.nonce ?? "") : "";
}

/** Return the page's data, and forget where it lay: neither a copy of the document nor the
 *  address tells it again. */
export function takePageData(): PageData {
  const element = document.getElementById("data");
  const text = element?.textContent ?? "";
  element?.remove();
  const data = JSON.parse(text) as PageData;
  if (location.protocol !== "file:") {
    history.replaceState(null, "", data.mode === "review" ? `/${data.again}` : "/");
  }
  return data;
}
