/** Whether the window is narrow: rows of lists are then two lines high. As narrow.css says. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 640px)");
const isNarrow = signal(query.matches);
query.addEventListener("change", () => (isNarrow.value = query.matches));

/** The height of a row of a list, which a list has to know before it is drawn. */
export function rowHeight(wide: number, narrow: number): number {
  return isNarrow.value ? narrow : wide;
}
