/** Masks in recorded text as chips, with what stood there and why it was masked. */
import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { kindOf, Masks } from "../episode/masks";
import { ownMasks, summary } from "../session";
import { maskKind, maskReason } from "../episode/shown_words";

/** Of the episode shown and of the one reviewed: text of both stands beside each other. */
export const masks = computed(
  () => new Masks({ ...ownMasks.value, ...summary.value?.header.masks }),
);

/** What stood there and why it was masked. */
export function chipWords(mask: string): string {
  return `${maskKind(kindOf(mask))} (${maskReason(masks.value.wayOf(mask))})`;
}

/** What every chip has, also in views of code. */
export function chipAttributes(mask: string): Record<string, string> {
  const words = chipWords(mask);
  return { class: "mask-chip", "data-why": words, title: `masked — ${words}` };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Text that is already linear, its masks as chips, and one stretch of it marked as found. */
export function WithChips({ text, found }: { text: string; found?: Stretch }): JSX.Element {
  const parts: (string | JSX.Element)[] = [];
  let at = 0;
  for (const { from, to, mask } of masks.value.in(text)) {
    parts.push(...withFound(text, { from: at, to: from }, found));
    parts.push(
      <span key={`${from}`} {...chipAttributes(mask)}>
        {withFound(text, { from, to }, found)}
      </span>,
    );
    at = to;
  }
  parts.push(...withFound(text, { from: at, to: text.length }, found));
  return <>{parts}</>;
}

function withFound(text: string, { from, to }: Stretch, found?: Stretch): (string | JSX.Element)[] {
  const low = Math.max(from, found?.from ?? to);
  const high = Math.min(to, found?.to ?? to);
  if (low >= high) return [text.slice(from, to)];
  return [
    text.slice(from, low),
    <mark key={`found ${low}`}>{text.slice(low, high)}</mark>,
    text.slice(high, to),
  ];
}
