/** Documents that are just being given an old state of theirs, by what their change then holds. */
const expected = new Map<string, string>();

/** Let a change be known as a restore while it is being made. */
export async function whileRestoring<T>(
  uri: { toString(): string },
  text: string,
  change: () => Thenable<T>,
): Promise<T> {
  expected.set(uri.toString(), text);
  try {
    return await change();
  } finally {
    expected.delete(uri.toString());
  }
}

/** Whether a change puts back exactly what a restore of this document is about to. */
export function isRestored(
  uri: { toString(): string },
  changes: readonly { readonly text: string }[],
): boolean {
  return changes.length === 1 && changes[0]?.text === expected.get(uri.toString());
}
