/** One place of a group to check, with what stands around it. */
import type { JSX } from "preact";
import { linear } from "../episode/linear";
import { WithChips } from "../ui/mask_chips";
import { Path } from "../ui/parts";
import { fieldWords } from "../episode/shown_words";
import { parts } from "./checking";
import type { Sample } from "./contract";

/** Whether this is a field of a step; else it is a file, whose path is never absolute. */
export function isField(path: string): boolean {
  return path.startsWith("/");
}

/** A file, or what a field of a step is called. */
export function Place({ path }: { path: string }): JSX.Element | null {
  if (path === "") return null;
  return isField(path) ? <span>{fieldWords(path)}</span> : <Path path={path} />;
}

export function SampleText({ sample }: { sample: Sample }): JSX.Element {
  const [before, hit, after] = parts(sample.context, sample.start, sample.length).map(linear);
  if (before === undefined || hit === undefined || after === undefined) return <></>;
  return (
    <>
      {(sample.path !== "" || sample.seq !== null) && (
        <p class="small muted">
          <Place path={sample.path} />
          {sample.seq !== null &&
            (isField(sample.path) ? ` of step ${sample.seq}` : ` step ${sample.seq}`)}
        </p>
      )}
      <div class="rv-context mono">
        <bdi class="mono" dir="ltr">
          <WithChips
            text={before + hit + after}
            found={{ from: before.length, to: before.length + hit.length }}
          />
        </bdi>
      </div>
    </>
  );
}
