/** Questions of which only the newest counts. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** How often what is not the text follows a moving moment. */
const REST_MS = 250;

/** The answer to the newest question that was answered. While one is under way, newer ones wait,
 *  and only the newest of them is asked: scrubbing never queues. */
export function useLatest<T>(ask: () => Promise<T> | null, on: readonly unknown[]): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  const state = useRef<Asking<T>>({ isBusy: false, next: null, isGone: false });
  useEffect(() => {
    const own = state.current;
    own.isGone = false;
    return () => {
      own.isGone = true;
    };
  }, []);
  // Before the paint: an effect after it would let a frame pass with every question.
  useLayoutEffect(() => {
    const own = state.current;
    own.next = ask;
    if (own.isBusy) return;
    own.isBusy = true;
    void (async () => {
      for (let now = own.next; now !== null; now = waiting(own)) {
        own.next = null;
        const made = await answerOf(now);
        if (own.isGone) return;
        setAnswer(made);
      }
      own.isBusy = false;
    })();
  }, on);
  return answer;
}

/** A value that follows another at once while `isMoving` does not hold, else only now and then. */
export function useRested<T>(value: T, isMoving: boolean): T {
  const [rested, setRested] = useState(value);
  const newest = useRef(value);
  newest.current = value;
  useEffect(() => {
    if (!isMoving) return undefined;
    setRested(newest.current);
    const timer = setInterval(() => {
      setRested(newest.current);
    }, REST_MS);
    return () => {
      clearInterval(timer);
    };
  }, [isMoving]);
  return isMoving ? rested : value;
}

interface Asking<T> {
  isBusy: boolean;
  next: (() => Promise<T> | null) | null;
  isGone: boolean;
}

function waiting<T>(own: Asking<T>): Asking<T>["next"] {
  return own.next;
}

/** An answer, null where there is none: the episode may be closed under the question. */
async function answerOf<T>(ask: () => Promise<T> | null): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
