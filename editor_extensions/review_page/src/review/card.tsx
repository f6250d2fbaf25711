/** A titled part of Overview. */
import type { ComponentChildren, JSX } from "preact";

export function Card(props: {
  id: string;
  title: string;
  children: ComponentChildren;
}): JSX.Element {
  const id = `rv-card-${props.id}`;
  return (
    <section class="card column" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </section>
  );
}
