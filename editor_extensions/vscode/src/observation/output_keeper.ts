/** What `signoff/command` takes of an output; sizes in UTF-16 units but for `size_bytes`. */
export interface KeptOutput {
  readonly head: string;
  /** The end of what follows the head. */
  readonly tail: string;
  /** Of all of it, in UTF-8. */
  readonly size_bytes: number;
}

const MOST_HEAD = 24_576;
const MOST_TAIL = 73_728;

/** Keeps the head and the tail of an output, in memory that does not grow with it. */
export class OutputKeeper {
  private head = "";
  private pieces: string[] = [];
  private piecesLength = 0;
  private sizeBytes = 0;

  /** Take the next piece as the terminal had it, control sequences and all. */
  add(piece: string): void {
    this.sizeBytes += Buffer.byteLength(piece, "utf8");
    const room = MOST_HEAD - this.head.length;
    this.head += piece.slice(0, room);
    const rest = piece.slice(room);
    if (rest === "") return;
    this.pieces.push(rest.slice(-MOST_TAIL));
    this.piecesLength += Math.min(rest.length, MOST_TAIL);
    if (this.piecesLength > 2 * MOST_TAIL) this.shorten();
  }

  get isEmpty(): boolean {
    return this.sizeBytes === 0;
  }

  kept(): KeptOutput {
    this.shorten();
    return { head: this.head, tail: this.pieces.join(""), size_bytes: this.sizeBytes };
  }

  private shorten(): void {
    const tail = this.pieces.join("").slice(-MOST_TAIL);
    this.pieces = tail === "" ? [] : [tail];
    this.piecesLength = tail.length;
  }
}
