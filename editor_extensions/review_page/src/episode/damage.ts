/** What is wrong with bytes that nobody vouches for. */

/** The bytes are no episode, or a part of them is damaged; the message says which and where. */
export class DamagedError extends Error {
  override readonly name = "DamagedError";
}

/** Refuse what a later release wrote. */
export class NewerVersionError extends DamagedError {}

/** The error for a fault in the frame that begins at `offset`. */
export function damagedAt(what: string, offset: number, cause: unknown): DamagedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DamagedError(`${what} at byte ${offset} is damaged: ${reason}`);
}
