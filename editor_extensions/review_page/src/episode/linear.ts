/** Recorded text made plain, exactly as `text/linear.py` does it: nothing in it can hide, move or
 *  colour anything. Python and this file are held together by test/fixtures/linear.json. */

// Spaces that are none, letters without a picture, variation selectors.
/* eslint-disable no-misleading-character-class -- each of these stands for itself */
const HIDING =
  /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
/* eslint-enable no-misleading-character-class */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const LONG = 2000;
const LEAST_BLANK_LINES = 4;
/** Anything that is spelled out, and a little more; `shownChar` decides. */
const SPELLED = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/gu;
/** What needs nothing done but blank and long lines: most text, and the signs of labels. */
const PLAIN = /^[\n\t\x20-\x7e\u2013\u2026\u2190-\u2193]*$/;

/** A part of a text that is shown as something else; code units. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly shown: string;
}

/** A text as it is shown, and where each part of it lies in the text itself. */
export interface Linear {
  readonly text: string;
  /** Rising places where shown and recorded text stop being alike: recorded, then shown. */
  readonly stops: readonly (readonly [recorded: number, shown: number])[];
}

/** The text with everything invisible spelled out and blank stretches told. */
export function linear(text: string): string {
  return linearise(text).text;
}

/** The same, with the places. */
export function linearise(text: string): Linear {
  const changes = [...blankStretches(text)];
  const spelled = PLAIN.test(text) ? [] : [...spelledOut(text)];
  return folded(applied(text, mergedChanges(changes, spelled)));
}

/** A path on one line; letters beyond ASCII are told, since they may look alike. */
export function linearPath(path: string): string {
  let shown = "";
  for (const char of path) shown += char === "\n" ? "\u240a" : shownChar(char);
  // eslint-disable-next-line no-control-regex -- ASCII, the controls too, as Python has it
  return /^[\x00-\x7f]*$/.test(path) ? shown : `${shown}  (${asciiOf(path)})`;
}

function shownChar(char: string): string {
  if (char === "\n" || char === "\t") return char;
  const code = char.codePointAt(0) ?? 0;
  if (HIDING.test(char)) return named(code);
  if (!HIDDEN.test(char)) return char;
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : named(code);
}

function named(code: number): string {
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

function* spelledOut(text: string): Generator<Change> {
  for (const match of text.matchAll(SPELLED)) {
    const from = match.index;
    const shown = shownChar(match[0]);
    if (shown !== match[0]) yield { from, to: from + match[0].length, shown };
  }
}

/** Four or more lines of nothing but spaces and tabs, from where one may begin. */
function* blankStretches(text: string): Generator<Change> {
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    if (newline < 0) return;
    // A stretch begins with the spaces and tabs before the first newline, wherever they begin.
    let from = newline;
    while (from > at && isBlank(text.charCodeAt(from - 1))) from--;
    let count = 1;
    let end = newline + 1;
    for (let next = end; next < text.length; next++) {
      const code = text.charCodeAt(next);
      if (code === 10) {
        count++;
        end = next + 1;
      } else if (!isBlank(code)) {
        break;
      }
    }
    if (count >= LEAST_BLANK_LINES) {
      yield { from, to: end, shown: `\n\u2026 ${count - 1} empty lines \u2026\n` };
    }
    at = end;
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Both kinds in order; a stretch of blank lines holds nothing that is spelled out. */
function mergedChanges(stretches: readonly Change[], spelled: readonly Change[]): Change[] {
  if (spelled.length === 0) return [...stretches];
  return [...stretches, ...spelled].sort((a, b) => a.from - b.from);
}

function applied(text: string, changes: readonly Change[]): Linear {
  if (changes.length === 0) return { text, stops: [] };
  const parts: string[] = [];
  const stops: [number, number][] = [];
  let at = 0;
  let shown = 0;
  for (const change of changes) {
    parts.push(text.slice(at, change.from), change.shown);
    shown += change.from - at;
    stops.push([change.from, shown]);
    shown += change.shown.length;
    stops.push([change.to, shown]);
    at = change.to;
  }
  parts.push(text.slice(at));
  return { text: parts.join(""), stops };
}

/** The same with line breaks put into very long lines, counted in characters as they are shown. */
function folded(whole: Linear): Linear {
  const breaks = placesToBreak(whole.text);
  if (breaks.length === 0) return whole;
  const parts = breaks.map((place, n) => whole.text.slice(breaks[n - 1] ?? 0, place));
  parts.push(whole.text.slice(breaks.at(-1) ?? 0));
  const stops: [number, number][] = [];
  let next = 0;
  whole.stops.forEach((stop, n) => {
    for (; next < breaks.length && (breaks[next] ?? 0) <= stop[1]; next++) {
      const place = breaks[next] ?? 0;
      // Within something spelled out there is nothing of the recorded text to stop at.
      if (n % 2 === 1 && place < stop[1]) continue;
      const recorded = recordedPlace(whole, place);
      if (n % 2 === 0) stops.push([recorded, place + next], [recorded, place + next + 1]);
    }
    stops.push([stop[0], stop[1] + next]);
  });
  for (; next < breaks.length; next++) {
    const place = breaks[next] ?? 0;
    const recorded = recordedPlace(whole, place);
    stops.push([recorded, place + next], [recorded, place + next + 1]);
  }
  return { text: parts.join("\n"), stops };
}

function placesToBreak(text: string): number[] {
  const places: number[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    if (end - at > LONG) breakLine(text, at, end, places);
    at = end + 1;
  }
  return places;
}

function breakLine(text: string, from: number, end: number, places: number[]): void {
  let width = 0;
  for (let at = from; at < end; ) {
    if (width === LONG) {
      places.push(at);
      width = 0;
    }
    width++;
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
}

/** Where a place of the recorded text is shown. Inside something spelled out: where it begins. */
export function shownPlace(linear: Linear, recorded: number): number {
  return translated(linear.stops, recorded, 0, 1);
}

/** Which place of the recorded text is shown at a place. */
export function recordedPlace(linear: Linear, shown: number): number {
  return translated(linear.stops, shown, 1, 0);
}

function translated(stops: Linear["stops"], place: number, from: 0 | 1, to: 0 | 1): number {
  let low = 0;
  let high = stops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stops[middle]?.[from] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  const stop = stops[low - 1];
  if (stop === undefined) return place;
  // Stops come in pairs: behind the first of a pair lies something spelled out.
  return low % 2 === 1 ? stop[to] : stop[to] + place - stop[from];
}

/** What Python's `ascii` gives, without its quotes. */
function asciiOf(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let made = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === "\\" || char === quote) made += `\\${char}`;
    else if (char === "\n") made += "\\n";
    else if (char === "\r") made += "\\r";
    else if (char === "\t") made += "\\t";
    else if (code >= 0x20 && code < 0x7f) made += char;
    else if (code < 0x100) made += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) made += `\\u${code.toString(16).padStart(4, "0")}`;
    else made += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return made;
}
