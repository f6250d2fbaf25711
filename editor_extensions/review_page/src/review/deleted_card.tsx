/** Overview's card about text that no last state shows and that travels all the same. */
import type { JSX } from "preact";
import { openDeleted } from "../player/text_search";
import { shown } from "../session";
import { Path } from "../ui/parts";
import { Card } from "./card";
import type { Overview } from "./contract";
import { Heard } from "./heard";
import { lookAtPreview } from "./state";
import { count } from "./words";

export function DeletedText(props: { overview: Overview; place: number }): JSX.Element | null {
  const { deleted } = props.overview;
  if (deleted.length === 0) return null;
  const texts = deleted.reduce((sum, row) => sum + row.texts, 0);
  return (
    <Card id="deleted" title="Deleted text">
      <p data-deleted>
        {count(texts, "text")} {texts === 1 ? "was" : "were"} deleted or replaced.{" "}
        {texts === 1 ? "It is" : "They are"} in the file.
      </p>
      <ul class="plain rv-list">
        {deleted.map((row) => (
          <li key={row.path} class="row">
            <span class="grow cut-short">
              <Path path={row.path} />
            </span>
            <span class="small muted">
              {count(row.texts, "text")}, {count(row.chars, "character")}
            </span>
            <button type="button" class="quiet" onClick={() => void read(props.place, row.path)}>
              Read
              <Heard text={`deleted text of ${row.path}`} />
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

async function read(place: number, path: string): Promise<void> {
  if (!(await lookAtPreview(place, "text"))) return;
  const file = shown.value?.episode.summary.files.indexOf(path) ?? -1;
  openDeleted(file < 0 ? null : file);
}
