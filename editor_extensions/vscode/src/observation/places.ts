import type { Position, Selection, TextDocumentContentChangeEvent } from "vscode";

const MOST_CHANGES = 100;

/**
 * What one key can put in: a character with its accents and joiners, a bracket or quote with its
 * other half, or a line break with indentation and the sign that a comment goes on.
 */
const ONE_KEY =
  /^(?:\P{M}[\p{M}\p{Cf}]*|[([{<"'`][)\]}>"'`]|\r?\n[ \t]*(?:\S{1,3}[ \t]*)?(?:\r?\n[ \t]*)?)$/u;
const LONGEST_OF_ONE_KEY = 400;

/** Where a text that came in stands now. */
interface Place {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
}

/**
 * Say whether a change is what one key does at these cursors: each of its texts is one that a key
 * puts in, and each cursor stands in or right behind one of them.
 *
 * @param changes of one version, with ranges in the text before; they do not overlap
 * @param selections of the editor after the change
 */
export function isAtCursors(
  changes: readonly TextDocumentContentChangeEvent[],
  selections: readonly Selection[],
): boolean {
  if (changes.length !== selections.length || changes.length > MOST_CHANGES) return false;
  if (!changes.every((change) => isOfOneKey(change.text))) return false;
  const cursors = selections.map((one) => one.active).sort(compare);
  return placesAfter(changes).every((place, index) => {
    const cursor = cursors[index];
    return cursor !== undefined && isBehindStart(cursor, place) && isUpToEnd(cursor, place);
  });
}

/** Say whether one key can have put in all of a text; deletions are not told by it. */
export function isOfOneKey(text: string): boolean {
  return text !== "" && text.length <= LONGEST_OF_ONE_KEY && ONE_KEY.test(text);
}

/** Return where the texts stand after all changes, in the order of the document. */
function placesAfter(changes: readonly TextDocumentContentChangeEvent[]): Place[] {
  const ordered = [...changes].sort((one, other) => compare(one.range.start, other.range.start));
  let lines = 0;
  let characters = 0;
  let line = -1; // in the text before; `characters` counts for what follows on it
  return ordered.map(({ range, text }) => {
    const startLine = range.start.line + lines;
    const startCharacter = range.start.character + (range.start.line === line ? characters : 0);
    const rows = text.split("\n");
    const lastRow = rows.at(-1) ?? "";
    const endLine = startLine + rows.length - 1;
    const endCharacter = (rows.length === 1 ? startCharacter : 0) + lastRow.length;
    lines = endLine - range.end.line;
    characters = endCharacter - range.end.character;
    line = range.end.line;
    return { startLine, startCharacter, endLine, endCharacter };
  });
}

function compare(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}

function isBehindStart(cursor: Position, place: Place): boolean {
  return (
    cursor.line > place.startLine ||
    (cursor.line === place.startLine && cursor.character > place.startCharacter)
  );
}

function isUpToEnd(cursor: Position, place: Place): boolean {
  return (
    cursor.line < place.endLine ||
    (cursor.line === place.endLine && cursor.character <= place.endCharacter)
  );
}
