/** What colours the words of files: loaded when the first text is on the screen. */
import * as language from "@codemirror/language";
import * as state from "@codemirror/state";
import * as view from "@codemirror/view";
import * as common from "@lezer/common";
import * as highlight from "@lezer/highlight";
import { signal } from "@preact/signals";
import { pageNonce } from "../page_data";

type LanguageOf = (path: string) => state.Extension;

/** A language for a file, by its name; nothing until the grammars are there. */
export const languageOf = signal<LanguageOf>(() => []);

const PARTS = "signoffParts";
const GRAMMARS = "signoffGrammars";
const SOON_MS = 300;
let isAsked = false;

/** Have the grammars loaded when the page has nothing better to do. */
export function wantLanguages(): void {
  if (isAsked) return;
  isAsked = true;
  if (typeof requestIdleCallback === "function") requestIdleCallback(load, { timeout: SOON_MS });
  else setTimeout(load, SOON_MS / 10);
}

/** Run the script that stands in the page. It uses the very modules of this one: CodeMirror knows
 *  its own by identity. */
function load(): void {
  const source = document.getElementById("grammars")?.textContent ?? "";
  const value = { language, state, view, common, highlight };
  Object.defineProperty(globalThis, PARTS, { value, configurable: true });
  const script = document.createElement("script");
  script.nonce = pageNonce;
  script.textContent = source;
  document.body.append(script);
  script.remove();
  Reflect.deleteProperty(globalThis, PARTS);
  const made = Reflect.get(globalThis, GRAMMARS) as { languageOf: LanguageOf } | undefined;
  if (made !== undefined) languageOf.value = made.languageOf;
}
