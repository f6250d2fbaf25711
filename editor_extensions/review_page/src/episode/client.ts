/** An episode in a worker of its own, so that no size of file freezes the page. */
import { beginOpening, OPEN_ID, type Opening } from "./opening";
import type { Answer, Question } from "./worker";
import type {
  ChangedFile,
  DeletedText,
  FieldPlace,
  FileState,
  NamedSpan,
  OpenEpisode,
  OutputPart,
  OutputPlace,
  Row,
  SearchQuery,
  SearchResult,
  Summary,
} from "./types";

/** Open an episode's bytes, or go on with what is opened already. Rejects with what is wrong
 *  when they are no episode at all. */
export async function openEpisode(of: Uint8Array<ArrayBuffer> | Opening): Promise<OpenEpisode> {
  const { worker, summary } = of instanceof Uint8Array ? beginOpening(of) : of;
  try {
    return new WorkedEpisode(await summary, new EpisodeWorker(worker));
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

class EpisodeWorker {
  private readonly waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  private next = OPEN_ID + 1;

  constructor(private readonly worker: Worker) {
    this.worker.onmessage = (event: MessageEvent<Answer>) => {
      const answer = event.data;
      const asked = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if ("error" in answer) asked?.reject(new Error(answer.error));
      else asked?.resolve(answer.result as never);
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error(`the reader stopped: ${event.message}`));
      }
      this.waiting.clear();
    };
  }

  ask<T>(name: string, ...of: unknown[]): Promise<T> {
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.worker.postMessage({ id, name, of } satisfies Question);
    });
  }

  close(): void {
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(new Error("the episode was closed"));
    this.waiting.clear();
  }
}

class WorkedEpisode implements OpenEpisode {
  private isPrepared = false;

  constructor(
    readonly summary: Summary,
    private readonly worker: EpisodeWorker,
  ) {}

  row(seq: number): Promise<Row> {
    return this.worker.ask("row", seq);
  }
  fileAt(file: number, seq: number): Promise<FileState> {
    const state = this.worker.ask<FileState>("fileAt", file, seq);
    if (!this.isPrepared) {
      // Behind the first text, which must not wait for what only a search needs.
      this.isPrepared = true;
      void this.worker.ask("prepare").catch(() => undefined);
    }
    return state;
  }
  filesAt(seq: number): Promise<readonly number[]> {
    return this.worker.ask("filesAt", seq);
  }
  changed(from: number, to: number): Promise<readonly ChangedFile[]> {
    return this.worker.ask("changed", from, to);
  }
  outputParts(seq: number): Promise<readonly OutputPart[]> {
    return this.worker.ask("outputParts", seq);
  }
  outputLines(seq: number, part: number, from: number, count: number): Promise<readonly string[]> {
    return this.worker.ask("outputLines", seq, part, from, count);
  }
  outputPlace(seq: number, field: FieldPlace): Promise<OutputPlace | null> {
    return this.worker.ask("outputPlace", seq, field);
  }
  spanOf(file: number, seq: number, from: number, to: number): Promise<NamedSpan | null> {
    return this.worker.ask("spanOf", file, seq, from, to);
  }
  search(query: SearchQuery): Promise<SearchResult> {
    return this.worker.ask("search", query);
  }
  deleted(): Promise<readonly DeletedText[]> {
    return this.worker.ask("deleted");
  }
  close(): void {
    this.worker.close();
  }
}
