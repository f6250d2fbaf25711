/** How many lines differ between two texts (Myers 1986, with an end to its patience). */

const MOST_DIFFERENCES = 4000;

export function lineCounts(before: string, after: string): { added: number; removed: number } {
  const a = linesOf(before);
  const b = linesOf(after);
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let aEnd = a.length;
  let bEnd = b.length;
  while (aEnd > from && bEnd > from && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const distance = editDistance(a.slice(from, aEnd), b.slice(from, bEnd));
  const surplus = bEnd - aEnd;
  return { added: (distance + surplus) / 2, removed: (distance - surplus) / 2 };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The least number of lines to add and remove; where that is very many, all of them. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length + b.length, MOST_DIFFERENCES);
  const reach = new Int32Array(2 * most + 2);
  for (let distance = 0; distance <= most; distance++) {
    for (let k = -distance; k <= distance; k += 2) {
      const down = reach[most + k + 1] ?? 0;
      const right = (reach[most + k - 1] ?? 0) + 1;
      let x = k === -distance || (k !== distance && right <= down) ? down : right;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[most + k] = x;
      if (x >= a.length && x - k >= b.length) return distance;
    }
  }
  return a.length + b.length;
}
