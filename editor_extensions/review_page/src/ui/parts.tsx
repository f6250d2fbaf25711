/** Small parts that all screens use. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { linear, linearPath } from "../episode/linear";

/** Recorded text on one or more lines, with everything invisible spelled out. */
export function Recorded({ text, mono = true }: { text: string; mono?: boolean }): JSX.Element {
  return (
    <bdi class={mono ? "mono" : ""} dir="ltr">
      {linear(text)}
    </bdi>
  );
}

/** A recorded path; letters beyond ASCII are told, since they may look alike. */
export function Path({ path }: { path: string }): JSX.Element {
  const shown = linearPath(path);
  return (
    <bdi class="mono path" dir="ltr" title={shown}>
      {shown}
    </bdi>
  );
}

/** A dialog over the page; Escape and `onClose` put it away. */
export function Dialog(props: {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    place.current?.showModal();
  }, []);
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
