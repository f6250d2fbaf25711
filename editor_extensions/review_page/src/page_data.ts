/** What the program puts into the page: read once, then taken out of the document. */

export interface ReplayData {
  readonly mode: "replay";
  readonly title: string;
  /** The episode's bytes in base64. */
  readonly episode: string;
  /** The moment to begin at, null for the first edit. */
  readonly at_seq: number | null;
}

export interface ReviewData {
  readonly mode: "review";
  readonly title: string;
  /** Bearer token of the page's requests. */
  readonly token: string;
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
  if (location.protocol !== "file:") history.replaceState(null, "", "/");
  const data = JSON.parse(text) as PageData;
  return data;
}
