/** One place for keys: a screen says what its keys do while it is mounted. */
import { useLayoutEffect } from "preact/hooks";

export type KeyActions = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const stack: KeyActions[] = [];

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
  if (event.defaultPrevented || event.isComposing || isTyping(event.target) || isOwnKey(event)) {
    return;
  }
  const name = keyName(event);
  for (const actions of [...stack].reverse()) {
    const action = actions[name];
    if (action !== undefined) {
      event.preventDefault();
      action(event);
      return;
    }
  }
}

/** Listen to the keys of the page; once, at the start. */
export function listenToKeys(): void {
  document.addEventListener("keydown", onKey);
}

/** While the component is mounted these keys do something, before those of older components. */
export function useKeys(actions: KeyActions): void {
  // With the drawing, not after it: a key is never pressed at what does not listen yet.
  useLayoutEffect(() => {
    stack.push(actions);
    return () => {
      stack.splice(stack.indexOf(actions), 1);
    };
  }, [actions]);
}
