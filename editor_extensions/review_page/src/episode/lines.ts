/** A long text as lines, without ever holding all of it as shown. */
import { linear } from "./linear";

const PIECE = 256 * 1024;
const KEPT_PIECES = 8;

/** A stretch of the text that can be made linear by itself. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** Its first line as shown, and how many it has. */
  readonly line: number;
  readonly lines: number;
}

export class LinesOf {
  private readonly pieces: Piece[] = [];
  private readonly kept = new Map<Piece, readonly string[]>();
  readonly count: number;

  constructor(private readonly text: string) {
    let line = 0;
    for (let from = 0; from < text.length || from === 0; ) {
      const to = endOfPiece(text, from);
      const lines =
        simpleLines(text, from, to) ?? linesShown(text.slice(from, to), to === text.length);
      this.pieces.push({ from, to, line, lines });
      line += lines;
      if (to === from) break;
      from = to;
    }
    this.count = line;
  }

  /** Lines as shown; fewer where the text ends. */
  slice(from: number, count: number): string[] {
    const made: string[] = [];
    for (const piece of this.pieces) {
      if (piece.line + piece.lines <= from) continue;
      if (piece.line >= from + count) break;
      const lines = this.linesOf(piece);
      made.push(
        ...lines.slice(Math.max(from - piece.line, 0), Math.max(from + count - piece.line, 0)),
      );
    }
    return made;
  }

  /** The line as shown that holds the code unit at a place of the text. */
  lineAt(at: number): number {
    const piece = this.pieces.find((one) => at < one.to);
    if (piece === undefined) return Math.max(this.count - 1, 0);
    const shown = linear(this.text.slice(piece.from, at + 1)).split("\n").length;
    return piece.line + Math.min(shown, Math.max(piece.lines, 1)) - 1;
  }

  private linesOf(piece: Piece): readonly string[] {
    const known = this.kept.get(piece);
    if (known !== undefined) return known;
    const lines = linear(this.text.slice(piece.from, piece.to)).split("\n").slice(0, piece.lines);
    if (this.kept.size >= KEPT_PIECES) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    this.kept.set(piece, lines);
    return lines;
  }
}

/** A line of fewer code units is not broken, even with each of them spelled out. */
const SHORT = 200;
const LEAST_BLANK_LINES = 3;

/** How many lines a piece has as shown; a last one without an end counts only at the very end. */
function linesShown(piece: string, isLast: boolean): number {
  const shown = linear(piece);
  let lines = 0;
  for (let at = shown.indexOf("\n"); at >= 0; at = shown.indexOf("\n", at + 1)) lines++;
  return isLast && !shown.endsWith("\n") && shown !== "" ? lines + 1 : lines;
}

/** The same for a stretch in which no line is broken or told with others, without making them
 *  linear; null where that is not certain. */
function simpleLines(text: string, from: number, to: number): number | null {
  let lines = 0;
  let blank = 0;
  for (let at = from; at < to; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 || newline >= to ? to : newline;
    if (end - at > SHORT) return null;
    blank = isBlank(text, at, end) ? blank + 1 : 0;
    if (blank >= LEAST_BLANK_LINES) return null;
    lines++;
    at = end + 1;
  }
  // A piece that is not the last ends with a whole line.
  return lines;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9) return false;
  }
  return true;
}

/** Where a piece may end: between two lines that are not blank, so that no stretch of blank lines
 *  is cut; or in a line without end, at whole runs of the length at which lines are broken. */
function endOfPiece(text: string, from: number): number {
  if (text.length - from <= PIECE * 1.5) return text.length;
  let at = from + PIECE;
  for (;;) {
    const newline = text.indexOf("\n", at);
    if (newline < 0) return text.length;
    const before = text.lastIndexOf("\n", newline - 1) + 1;
    const next = text.indexOf("\n", newline + 1);
    const end = next < 0 ? text.length : next;
    const isBetweenLines =
      text.slice(before, newline).trim() !== "" && text.slice(newline + 1, end).trim() !== "";
    if (isBetweenLines) return newline + 1;
    at = newline + 1;
  }
}
