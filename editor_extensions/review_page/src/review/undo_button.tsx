/** Takes the last change back, on every screen that makes some. */
import type { JSX } from "preact";
import { canUndo, undo } from "./state";

export function UndoButton(): JSX.Element {
  return (
    <button type="button" disabled={!canUndo.value} onClick={() => void undo()}>
      Undo <kbd>u</kbd>
    </button>
  );
}
