/** Where one text has to change to become another. */
export interface ChangedSpan {
  /** UTF-16 offsets in the text as it is. */
  readonly start: number;
  readonly end: number;
  /** What comes there. */
  readonly text: string;
}

/**
 * Return the one span in which two texts differ, undefined when they are equal.
 *
 * It splits neither a surrogate pair nor a CRLF.
 */
export function changedSpan(before: string, after: string): ChangedSpan | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  while (splits(before, head) || splits(after, head)) head -= 1;
  let tail = 0;
  while (
    tail < most - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  while (splits(before, before.length - tail) || splits(after, after.length - tail)) tail -= 1;
  return {
    start: head,
    end: before.length - tail,
    text: after.slice(head, after.length - tail),
  };
}

function splits(text: string, at: number): boolean {
  const [left, right] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  const isInPair = left >= 0xd800 && left < 0xdc00 && right >= 0xdc00 && right < 0xe000;
  return isInPair || (left === 0x0d && right === 0x0a);
}
