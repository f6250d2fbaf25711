/** What a screen is, and which there are. */
import type { ComponentType } from "preact";
import type { ReadonlySignal } from "@preact/signals";

export interface Screen {
  /** Short and stable: what `go` takes. */
  readonly id: string;
  readonly title: string;
  /** Player screens come after review screens in the bar. */
  readonly part: "review" | "player";
  readonly view: ComponentType;
  /** Shown beside the title, such as the number of decisions left. */
  readonly badge?: ReadonlySignal<string>;
}

/** Every screen there is, in the order of the keys that open them: the same in the terminal. */
export const NUMBERED = [
  "tasks",
  "overview",
  "check",
  "sign",
  "timeline",
  "files",
  "output",
  "text",
] as const;

export interface KeyHelp {
  readonly keys: string;
  readonly does: string;
}
