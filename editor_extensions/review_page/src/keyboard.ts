/** One place for keys: a screen says what its keys do while it is mounted. */
import { useLayoutEffect } from "preact/hooks";
import { KEY_ROWS } from "./schemas/keys";
import type { KeyHelp } from "./screens";

type KeyRow = (typeof KEY_ROWS)[number];
/** A screen, as the table of keys names it. */
export type Place = KeyRow["places"][number];
/** What a key of the table does; `by` is -1 for the key that does it backwards. */
export type Act = (by: 1 | -1) => void;
/** Rows that the shell of the page does itself. */
type Everywhere = "screens" | "help";
/** An action for every row of the table that names the screen. */
export type PlaceActions<P extends Place> = {
  readonly [R in KeyRow as P extends R["places"][number]
    ? Exclude<R["id"], Everywhere | "close">
    : never]: Act;
} & { readonly close?: Act };

export type KeyActions = Readonly<Record<string, Act>>;

interface Listener {
  readonly actions: KeyActions;
  /** A dialog: what lies under it hears nothing. */
  readonly isModal: boolean;
}
const stack: Listener[] = [];

/** What the browser calls a key of the table, where the two differ. */
const NAMES: Readonly<Record<string, string>> = {
  space: " ",
  right: "ArrowRight",
  left: "ArrowLeft",
  down: "ArrowDown",
  up: "ArrowUp",
  "shift+right": "Shift+ArrowRight",
  "shift+left": "Shift+ArrowLeft",
  home: "Home",
  end: "End",
  enter: "Enter",
  escape: "Escape",
  delete: "Delete",
  backspace: "Backspace",
};

/** What the keys of a screen do: every row of the table has its action, and no key is missing. */
export function keysOf<P extends Place>(place: P, actions: PlaceActions<P>): KeyActions {
  const found: Record<string, Act> = {};
  const acts: Readonly<Record<string, Act | undefined>> = actions;
  for (const row of KEY_ROWS) {
    const act = acts[row.id];
    if (act === undefined || !(row.places as readonly string[]).includes(place)) continue;
    for (const [forth, back] of row.keys as readonly (readonly string[])[]) {
      if (forth !== undefined)
        found[NAMES[forth] ?? forth] = () => {
          act(1);
        };
      if (back !== undefined)
        found[NAMES[back] ?? back] = () => {
          act(-1);
        };
    }
  }
  return found;
}

/** The rows of the help of a screen. */
export function helpOf(place: string, isReview: boolean): readonly KeyHelp[] {
  return KEY_ROWS.filter(
    (row) => (row.places as readonly string[]).includes(place) && (isReview || !row.review),
  ).map(({ label, does }) => ({ keys: label, does }));
}

/** The name of a key press: `ArrowLeft`, `n`, `N`, `?`, `Ctrl+Enter`, `Shift+ArrowLeft`. */
export function keyName(event: KeyboardEvent): string {
  const isLetter = event.key.length === 1;
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !isLetter ? "Shift" : "",
    event.key,
  ];
  return parts.filter((part) => part !== "").join("+");
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "range"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Widgets that use keys themselves: space and Enter press a button, arrows move in a list. */
function isOwnKey(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const pressed = event.key === " " || event.key === "Enter";
  if (pressed && target.closest("button, summary, [role=button], [role=option], input"))
    return true;
  return event.key.startsWith("Arrow") && target.closest("[data-own-keys], input") !== null;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target)) {
    // Escape leaves a field, so that keys are keys again; a dialog around it closes by itself.
    const field = event.target as HTMLElement;
    if (event.key === "Escape" && field.closest("dialog") === null) field.blur();
    return;
  }
  if (isOwnKey(event)) return;
  const name = keyName(event);
  for (const { actions, isModal } of [...stack].reverse()) {
    const action = actions[name];
    if (action !== undefined) {
      event.preventDefault();
      action(1);
      return;
    }
    if (isModal) return;
  }
}

/** Listen to the keys of the page; once, at the start. */
export function listenToKeys(): void {
  document.addEventListener("keydown", onKey);
}

/** While the component is mounted these keys do something, before those of older components; a
 * dialog's keys are the only ones. */
export function useKeys(actions: KeyActions, isModal = false): void {
  // With the drawing, not after it: a key is never pressed at what does not listen yet.
  useLayoutEffect(() => {
    const listener = { actions, isModal };
    stack.push(listener);
    return () => {
      stack.splice(stack.indexOf(listener), 1);
    };
  }, [actions, isModal]);
}
