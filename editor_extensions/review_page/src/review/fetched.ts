// What the server works out of the plan for one kept task: fetched when the plan changed, by
// whichever screen is open; an answer that comes too late is dropped.
import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { attempt } from "../session";
import { decisions, keep, now, revision } from "./state";

export interface Fetched<T> {
  /** The newest answer, of the kept task that is looked at; null before the first one. */
  readonly value: ReadonlySignal<T | null>;
  /** In a component: have it fetched while the component is mounted, and return it. */
  use(): T | null;
}

/** Something of each kept task that lies at an address of its own. */
export function fetchedFor<T>(pathOf: (place: number) => string): Fetched<T> {
  const value = signal<T | null>(null);
  let [asked, answered] = ["", ""];
  const fetchIt = async (name: string, place: number): Promise<void> => {
    const got = await now().client.json<T>("GET", pathOf(place));
    if (asked !== name) return;
    answered = name;
    value.value = got;
  };
  return {
    value,
    use() {
      const place = keep.value;
      const name = `${now().review.base_sha256}/${revision.value}/${decisions.value}/${place ?? ""}`;
      useEffect(() => {
        if (place === null || name === answered) return;
        asked = name;
        // Another task's answer must not stand under this one's name.
        if (!answered.endsWith(`/${place}`)) value.value = null;
        void attempt(() => fetchIt(name, place));
      }, [name, place]);
      return place === null ? null : value.value;
    },
  };
}
