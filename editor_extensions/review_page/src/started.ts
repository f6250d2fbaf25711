/** What the first script began while the rest of the page was still parsed. */
import type { Opening } from "./episode/opening";
import type { PageData } from "./page_data";

export interface Started {
  readonly data: PageData;
  /** The episode shown first; its reader works already. */
  opening: Opening | null;
  /** Answers that were asked for already, by path; each is taken once. */
  readonly answers: Map<string, Promise<Response>>;
}

const NAME = "signoffStarted";

/** Hand over to the page's own script. */
export function handOver(started: Started): void {
  Object.defineProperty(globalThis, NAME, { value: started, configurable: true });
}

/** Take what was begun; afterwards only the taker holds it. */
export function takeStarted(): Started {
  const started = Reflect.get(globalThis, NAME) as Started;
  Reflect.deleteProperty(globalThis, NAME);
  return started;
}
