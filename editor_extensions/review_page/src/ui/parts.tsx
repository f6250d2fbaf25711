/** Small parts that all screens use. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { linear, linearPath } from "../episode/linear";
import { useKeys } from "../keyboard";
import { WithChips } from "./mask_chips";

/** Recorded text on one or more lines, with everything invisible spelled out. */
export function Recorded({ text, mono = true }: { text: string; mono?: boolean }): JSX.Element {
  return (
    <bdi class={mono ? "mono" : ""} dir="ltr">
      <WithChips text={linear(text)} />
    </bdi>
  );
}

/** A recorded path; letters beyond ASCII are told, since they may look alike. */
export function Path({ path }: { path: string }): JSX.Element {
  const shown = linearPath(path);
  return (
    <bdi class="mono path" dir="ltr" title={shown}>
      <WithChips text={shown} />
    </bdi>
  );
}

/** A recorded path on one line: where it is too long its folders are cut short, not its name. */
export function FilePath({ path }: { path: string }): JSX.Element {
  const shown = linearPath(path);
  const folders = linear(path.slice(0, path.lastIndexOf("/") + 1));
  // What is told of its letters behind the path belongs to the name.
  const name = shown.startsWith(folders) ? folders.length : 0;
  return (
    <bdi class="mono file-path" dir="ltr" title={shown}>
      <span class="folders">
        <WithChips text={shown.slice(0, name)} />
      </span>
      <span class="name">
        <WithChips text={shown.slice(name)} />
      </span>
    </bdi>
  );
}

/** A dialog over the page; Escape and `onClose` put it away, and what had the focus has it again. */
export function Dialog(props: {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    place.current?.showModal();
    return () => {
      queueMicrotask(() => {
        if (before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, []);
  const keys = useMemo(() => ({ "?": () => place.current?.close() }), []);
  useKeys(keys, true);
  return (
    <dialog ref={place} aria-label={props.label} onClose={props.onClose}>
      {props.children}
    </dialog>
  );
}

/** Keys and what they do. */
export function KeyList(props: { keys: readonly { keys: string; does: string }[] }): JSX.Element {
  return (
    <table class="key-list">
      <tbody>
        {props.keys.map(({ keys, does }) => (
          <tr key={keys}>
            <td>
              {keys.split(" ").map((key) => (
                <span key={key}>
                  <kbd>{key}</kbd>{" "}
                </span>
              ))}
            </td>
            <td>{does}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
