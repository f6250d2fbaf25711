/** One place of a group to check, with what stands around it. */
import type { JSX } from "preact";
import { Path, Recorded } from "../ui/parts";
import { parts } from "./checking";
import type { Sample } from "./contract";

export function SampleText({ sample }: { sample: Sample }): JSX.Element {
  const [before, hit, after] = parts(sample.context, sample.start, sample.length);
  return (
    <>
      {(sample.path !== "" || sample.seq !== null) && (
        <p class="small muted">
          {sample.path !== "" && <Path path={sample.path} />}
          {sample.seq !== null && ` step ${sample.seq}`}
        </p>
      )}
      <div class="rv-context mono">
        <Recorded text={before} />
        {hit !== "" && (
          <mark>
            <Recorded text={hit} />
          </mark>
        )}
        <Recorded text={after} />
      </div>
    </>
  );
}
