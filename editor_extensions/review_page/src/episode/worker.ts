/** The worker: opens the bytes it is sent and answers questions about them, one after the other. */
import { bytesOfBase64 } from "./base64";
import { Opened } from "./opened";
import type { Content } from "./opening";

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly of: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

let opened: Opened | null = null;

async function answer({ name, of }: Question): Promise<unknown> {
  if (name === "open") {
    const [content] = of as [Content];
    opened = new Opened(typeof content === "string" ? bytesOfBase64(content) : content);
    return opened.summary();
  }
  const [a, b, c, d] = of as [never, never, never, never];
  if (opened === null) throw new Error("nothing is open");
  switch (name) {
    case "prepare":
      opened.prepare();
      return null;
    case "row":
      return opened.row(a);
    case "fileAt":
      return opened.fileAt(a, b);
    case "filesAt":
      return opened.filesAt(a);
    case "changed":
      return opened.changed(a, b);
    case "outputParts":
      return opened.outputParts(a);
    case "outputLines":
      return opened.outputLines(a, b, c, d);
    case "outputPlace":
      return opened.outputPlace(a, b);
    case "spanOf":
      return opened.spanOf(a, b, c, d);
    case "search":
      return opened.search(a);
    case "deleted":
      return opened.deleted();
    default:
      throw new Error(`no such question: ${name}`);
  }
}

onmessage = (event: MessageEvent<Question>): void => {
  const { id } = event.data;
  answer(event.data).then(
    (result) => {
      postMessage({ id, result } satisfies Answer);
    },
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      postMessage({ id, error: text } satisfies Answer);
    },
  );
};
