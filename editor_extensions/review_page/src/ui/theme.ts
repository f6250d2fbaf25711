/** Dark or light: what the system says, until the person presses the button. */
import { signal } from "@preact/signals";

export type Theme = "dark" | "light";

const dark = matchMedia("(prefers-color-scheme: dark)");
export const theme = signal<Theme>(dark.matches ? "dark" : "light");

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme.value;
  dark.addEventListener("change", () => {
    setTheme(dark.matches ? "dark" : "light");
  });
}

export function setTheme(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
}

/** Whether the person asked for less motion. */
export const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
