/** What comes along from outside of the kept steps, and what was held back unless ticked. */
import type { JSX } from "preact";
import { Heard } from "./heard";
import { Path } from "../ui/parts";
import type { CheckList, Decided, EnteredRow, Group, Overview } from "./contract";
import { tick, type NumberList } from "./plan_edits";
import { Card } from "./card";
import { act, change, lookAtBase, plan } from "./state";
import { count } from "./words";

export function ComesAlong(props: { overview: Overview; place: number }): JSX.Element | null {
  const { entered, paused, looked_at, overlay } = props.overview;
  if (entered.length + paused.length + looked_at.length + overlay.length === 0) return null;
  return (
    <Card id="along" title="From outside of what you include">
      {entered.length > 0 && (
        <>
          <h3>Text from steps that are not included, still in a file</h3>
          <ul class="plain rv-list">
            {entered.map((row) => (
              <Entered key={`${row.seq}/${row.file}`} row={row} place={props.place} />
            ))}
          </ul>
        </>
      )}
      <Ticked
        title="Typed while recording was paused: masked unless you share it"
        list="paused_texts"
        rows={paused.map((row) => ({
          number: row.seq,
          path: row.path,
          note: count(row.chars, "character"),
        }))}
      />
      <Ticked
        title="Only looked at: the lines you saw, unless you share the whole file"
        list="whole_files"
        rows={looked_at
          .filter((row) => overlay.every((one) => one.file !== row.file))
          .map((row) => ({
            number: row.file,
            path: row.path,
            note: "",
          }))}
      />
      <Ticked
        title="Differed from the commit, never opened: not shared unless you tick it"
        list="overlay_files"
        rows={overlay.map((row) => ({
          number: row.file,
          path: row.path,
          note: "",
        }))}
      />
    </Card>
  );
}

function Entered({ row, place }: { row: EnteredRow; place: number }): JSX.Element {
  return (
    <li class="row">
      <span class="grow cut-short">
        <Path path={row.path} />
      </span>
      <span class="small muted">{count(row.chars, "character")}</span>
      <button
        type="button"
        class="quiet"
        onClick={() => void lookAtBase(row.seq, "files", row.file)}
      >
        See it
      </button>
      {row.is_masked ? (
        <span class="pill">masked</span>
      ) : (
        <button type="button" onClick={() => void maskToo(row, place)}>
          Mask it too
          <Heard text={`in ${row.path}`} />
        </button>
      )}
    </li>
  );
}

/** Mask what came in: the group under To check that holds it, as it is now. */
async function maskToo(row: EnteredRow, place: number): Promise<void> {
  const list = `/api/keeps/${place}/check`;
  await act(async (client) => {
    const { groups } = await client.json<CheckList>("GET", list);
    const group = groups.find((one) => isOf(one, row));
    if (group === undefined) throw new Error("This text is found under To check; mask it there.");
    const path = `${list}/${encodeURIComponent(group.id)}`;
    return client.json<Decided>("POST", path, { action: "mask" });
  }, "The text that comes along is masked.");
}

function isOf(group: Group, row: EnteredRow): boolean {
  return (
    group.kind === "entered" &&
    group.actions.includes("mask") &&
    group.samples.some((sample) => sample.path === row.path)
  );
}

interface TickedRow {
  readonly number: number;
  readonly path: string;
  readonly note: string;
}

function Ticked(props: {
  title: string;
  list: NumberList;
  rows: readonly TickedRow[];
}): JSX.Element | null {
  if (props.rows.length === 0) return null;
  // What the plan says, which is there before the overview is worked out anew.
  const ticked = plan.value[props.list] ?? [];
  return (
    <fieldset class="rv-boxes">
      <legend>{props.title}</legend>
      <div class="rv-many">
        {props.rows.map((row) => (
          <label key={row.number} class="row">
            <input
              type="checkbox"
              checked={ticked.includes(row.number)}
              onChange={(event) => {
                const isOn = event.currentTarget.checked;
                void change(
                  (now) => tick(now, props.list, row.number, isOn),
                  isOn ? "It is shared." : "It is not shared.",
                );
              }}
            />
            <span class="cut-short">
              <Path path={row.path} />
            </span>
            <span class="small muted">{row.note}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
