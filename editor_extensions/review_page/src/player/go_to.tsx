/** Asks for a moment, in the words of `--at`. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { Dialog } from "../ui/parts";
import { momentAt } from "./moment_words";
import { film, openAt } from "./player_state";

export const isMomentAsked = signal(false);

export function GoTo(): JSX.Element {
  const words = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState("");
  const close = (): void => {
    isMomentAsked.value = false;
  };
  return (
    <Dialog label="Go to a moment" onClose={close}>
      <form
        class="column"
        onSubmit={(event) => {
          event.preventDefault();
          const found =
            film.value === null ? null : momentAt(film.value, words.current?.value ?? "");
          if (found === null) setFault("There is no such moment in this episode.");
          else {
            close();
            openAt(found);
          }
        }}
      >
        <h1>Go to a moment</h1>
        <label class="column">
          <span>
            <code>120</code> (after so many edits), <code>step:45</code>, <code>time:+1h02m3s</code>
            , <code>start</code> or <code>end</code>
          </span>
          <input ref={words} type="text" autofocus autocomplete="off" spellcheck={false} />
        </label>
        {fault !== "" && (
          <p class="notice warn" role="alert">
            {fault}
          </p>
        )}
        <div class="row">
          <button type="submit" class="main">
            Go there
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
