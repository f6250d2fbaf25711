/** A list of very many lines of one height, of which only those in view are made. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Browsers lose count in elements much taller than this. */
const TALLEST_PX = 8_000_000;
const MORE = 12;

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export function VirtualList(props: {
  count: number;
  lineHeight: number;
  label: string;
  /** Whether lines may be wider than the list, which then scrolls sideways too. */
  isWide?: boolean;
  /** Brought into view when it changes. */
  shownLine?: number;
  render: (stretch: Stretch) => ComponentChildren;
  onStretch?: (stretch: Stretch) => void;
}): JSX.Element {
  const { count, lineHeight } = props;
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      setHeight(element.clientHeight);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  const whole = count * lineHeight;
  const tall = Math.min(whole, TALLEST_PX);
  // Where the list is too tall for the browser, the scroll bar stands for a share of it.
  const scale = tall > height ? (whole - height) / (tall - height) : 1;
  const first = Math.floor((top * scale) / lineHeight);
  const from = Math.max(0, first - MORE);
  const to = Math.min(count, first + Math.ceil(height / lineHeight) + MORE);
  const offset = top - (top * scale - from * lineHeight);
  const { shownLine, onStretch } = props;
  useEffect(() => {
    onStretch?.({ from: first, to: Math.min(count, first + Math.ceil(height / lineHeight) + 1) });
  }, [first, height, count, onStretch]);
  useEffect(() => {
    const element = place.current;
    if (element === null || shownLine === undefined || shownLine < 0) return;
    const at = (shownLine * lineHeight) / scale;
    const isAbove = at < element.scrollTop;
    if (isAbove || at + lineHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = Math.max(at - element.clientHeight / 2, 0);
    }
  }, [shownLine, count]);
  return (
    <div
      class="virtual"
      ref={place}
      role="region"
      tabIndex={0}
      data-own-keys
      aria-label={props.label}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop);
      }}
    >
      <div class="all" style={{ height: `${tall}px` }}>
        <div
          class={props.isWide === true ? "part wide" : "part"}
          style={{ transform: `translateY(${offset}px)` }}
        >
          {props.render({ from, to })}
        </div>
      </div>
    </div>
  );
}
