/** An episode on its way: its reader works already, whoever will ask it. */
import type { Answer, Question } from "./worker";
import type { Summary } from "./types";

/** Bytes, or what will be them; text is base64, which the reader decodes. */
export type Content = Uint8Array<ArrayBuffer> | string;

export interface Opening {
  readonly worker: Worker;
  /** Rejects with what is wrong when the bytes are no episode at all. */
  readonly summary: Promise<Summary>;
}

/** The number of the first question; `EpisodeWorker` counts on from it. */
export const OPEN_ID = 0;

/** Start a reader and give it the bytes as soon as they are there. */
export function beginOpening(content: Content | Promise<Content>): Opening {
  const worker = startReader();
  const summary = new Promise<Summary>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("error" in data) reject(new Error(data.error));
      else resolve(data.result as Summary);
    };
    worker.onerror = (event) => {
      reject(new Error(`the reader stopped: ${event.message}`));
    };
    Promise.resolve(content).then((of) => {
      worker.postMessage({ id: OPEN_ID, name: "open", of: [of] } satisfies Question);
    }, reject);
  });
  // Whoever takes the opening hears of it; until then it is no fault of the page.
  summary.catch(() => undefined);
  return { worker, summary };
}

/** A worker from the source that stands in the page: nothing is fetched. */
function startReader(): Worker {
  const source = document.getElementById("reader")?.textContent ?? "";
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  return worker;
}
