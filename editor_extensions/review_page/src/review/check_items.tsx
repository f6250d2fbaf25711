/** The items of a group, however many: each can be looked at and decided on by itself. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { attempt } from "../session";
import { rowHeight } from "../ui/narrow";
import { Recorded } from "../ui/parts";
import { VirtualList, type Stretch } from "../ui/virtual_list";
import { ACTIONS, itemState } from "./checking";
import type { Group, GroupAction, Item, ItemRows } from "./contract";
import { Place, SampleText } from "./sample_text";
import { decisions, keep, now, revision } from "./state";
import { count } from "./words";

/** As high as the style sheets say. */
const ROW_PX = 62;
const NARROW_ROW_PX = 96;
const AT_ONCE = 100;
const FEW = 8;

export type Perform = (action: GroupAction, item: Item) => void;

export function Items({ group, perform }: { group: Group; perform: Perform }): JSX.Element {
  const find = useSignal("");
  const looked = useSignal<Item | null>(null);
  const { rows, total, want } = useRows(group.id, find);
  const rowPx = rowHeight(ROW_PX, NARROW_ROW_PX);
  const height = `min(60vh, ${Math.max(1, total) * rowPx + 2}px)`;
  return (
    <div class="column rv-items">
      {(group.count > FEW || find.value !== "") && (
        <label class="row">
          Search
          <input
            class="grow"
            type="search"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => {
              find.value = event.currentTarget.value;
            }}
          />
          <span class="small muted" role="status">
            {total < group.count && `${total} of ${group.count}`}
          </span>
        </label>
      )}
      <div class="rv-item-list" style={{ height }}>
        <VirtualList
          count={total}
          lineHeight={rowPx}
          label="All of it"
          onStretch={want}
          render={({ from, to }) =>
            Array.from({ length: to - from }, (_, at) => (
              <ItemLine
                key={from + at}
                item={rows.get(from + at) ?? null}
                looked={looked}
                perform={perform}
              />
            ))
          }
        />
      </div>
      {looked.value !== null && <OneItem item={looked.value} />}
    </div>
  );
}

function ItemLine(props: {
  item: Item | null;
  looked: Signal<Item | null>;
  perform: Perform;
}): JSX.Element {
  const { item, looked, perform } = props;
  if (item === null) return <div class="rv-item muted">…</div>;
  const actions = item.actions.filter((action) => action !== "show" || item.sample?.seq != null);
  return (
    <div
      class="rv-item"
      data-item={item.id}
      onKeyDown={(event) => {
        const action = actions.find((one) => ACTIONS[one].key === event.key);
        if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        perform(action, item);
      }}
    >
      <button
        type="button"
        class="quiet rv-item-words"
        aria-pressed={looked.value?.id === item.id}
        onClick={() => (looked.value = looked.value?.id === item.id ? null : item)}
      >
        <span class="rv-one-line">
          <Recorded text={item.title} />
        </span>
        <span class="rv-one-line small muted">
          {count(item.places, "place")}
          {item.sample !== null && item.sample.path !== item.title && (
            <>
              {" · "}
              <Place path={item.sample.path} />
            </>
          )}
          {item.sample !== null && item.sample.context !== item.title && (
            <>
              {" · "}
              <Recorded text={item.sample.context.trim()} />
            </>
          )}
        </span>
      </button>
      <span class={`pill ${item.state === null && actions.includes("accept") ? "warn" : ""}`}>
        {itemState(item)}
      </span>
      {actions.map((action) => (
        <button
          key={action}
          type="button"
          class="quiet"
          data-act={action}
          disabled={action === "unmask" && !now().review.can_unmask}
          onClick={() => {
            perform(action, item);
          }}
        >
          {ACTIONS[action].short}
        </button>
      ))}
    </div>
  );
}

function OneItem({ item }: { item: Item }): JSX.Element {
  const others = item.where.filter((one) => one !== item.sample?.path);
  return (
    <div class="card" data-looked>
      {item.sample === null ? <Recorded text={item.title} /> : <SampleText sample={item.sample} />}
      {others.length > 0 && (
        <p class="small muted">
          Also in{" "}
          {others.map((one, at) => (
            <span key={one}>
              {at > 0 && ", "}
              <Place path={one} />
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

interface Rows {
  readonly rows: ReadonlyMap<number, Item>;
  readonly total: number;
  readonly want: (stretch: Stretch) => void;
}

/** Items by their place: the parts in view are asked for, and again after every decision. */
function useRows(group: string, find: Signal<string>): Rows {
  const rows = useSignal<ReadonlyMap<number, Item>>(new Map());
  const total = useSignal(0);
  const view = useSignal<Stretch>({ from: 0, to: AT_ONCE });
  const name = [
    now().review.base_sha256,
    keep.value ?? "",
    revision.value,
    decisions.value,
    find.value,
  ].join("/");
  const parts = useMemo(() => new Parts(), [group]);
  const { from, to } = view.value;
  useEffect(() => {
    const place = keep.peek();
    if (place === null) return;
    const path = `/api/keeps/${place}/check/${encodeURIComponent(group)}/items`;
    for (const first of parts.missing(name, from, to)) {
      void attempt(async () => {
        const body = { first, count: AT_ONCE, find: find.peek() };
        const got = await now().client.json<ItemRows>("POST", path, body);
        const known = parts.take(name, first, got);
        if (known === null) return;
        rows.value = known;
        total.value = got.total;
      });
    }
  }, [name, from, to, group]);
  const want = useMemo(
    () =>
      (stretch: Stretch): void => {
        if (stretch.to > 0) view.value = stretch;
      },
    [],
  );
  return { rows: rows.value, total: total.value, want };
}

/** Which parts of the list were asked for, under the newest name of it. */
class Parts {
  private name = "";
  private asked = new Set<number>();
  private items = new Map<number, Item>();

  /** The first places of parts in view that were not asked for yet. */
  missing(name: string, from: number, to: number): number[] {
    if (name !== this.name) {
      this.name = name;
      this.asked = new Set();
      this.items = new Map();
    }
    const found: number[] = [];
    for (let at = Math.floor(from / AT_ONCE) * AT_ONCE; at < Math.max(to, 1); at += AT_ONCE) {
      if (!this.asked.has(at)) found.push(at);
      this.asked.add(at);
    }
    return found;
  }

  /** All that is known with an answer; null when the answer comes too late. */
  take(name: string, first: number, got: ItemRows): ReadonlyMap<number, Item> | null {
    if (name !== this.name) return null;
    got.items.forEach((item, at) => this.items.set(first + at, item));
    return new Map(this.items);
  }
}
