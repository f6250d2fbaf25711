// The page's only way out: its own server, with the bearer token that only this page has.
import { request, type Method } from "../asking";

/** What a refusal is about, in the numbers of the sealed episode. */
export interface RefusedPlace {
  readonly seq: number;
  readonly file: number | null;
  /** Of a step: JSON pointer to the string that is meant. */
  readonly field: string | null;
}

/** What the server refused, in its own words. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    fact: string,
    readonly hint: string | null,
    readonly at: RefusedPlace | null = null,
  ) {
    super(hint === null || hint === "" ? fact : `${fact}. ${hint}`);
  }

  /** Whether somebody else changed the plan meanwhile. */
  get isOutdated(): boolean {
    return this.status === 409;
  }
}

export interface Client {
  /** Ask and read JSON; `T` is what `contract.ts` says of this address. */
  json<T>(method: Method, path: string, body?: unknown): Promise<T>;
  bytes(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** A client that holds the token in memory and nowhere else.
 *
 * @param early - answers that were asked for before; each is taken once. */
export function clientWith(token: string, early: Map<string, Promise<Response>>): Client {
  const ask = async (method: Method, path: string, body?: unknown): Promise<Response> => {
    const begun = method === "GET" ? early.get(path) : undefined;
    early.delete(path);
    let answer: Response;
    try {
      answer = await (begun ?? request(token, method, path, body));
    } catch {
      throw new RefusedError(
        0,
        "the review in the terminal does not answer",
        "Your plan is saved: `signoff review` opens it again.",
      );
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
  return {
    async json<T>(method: Method, path: string, body?: unknown): Promise<T> {
      return (await (await ask(method, path, body)).json()) as T;
    },
    async bytes(path) {
      return new Uint8Array(await (await ask("GET", path)).arrayBuffer());
    },
  };
}

async function refusal(answer: Response): Promise<RefusedError> {
  const said: unknown = await answer.json().catch(() => null);
  if (typeof said === "object" && said !== null && "error" in said) {
    const hint = "hint" in said && typeof said.hint === "string" ? said.hint : null;
    return new RefusedError(answer.status, String(said.error), hint, placeOf(said));
  }
  if (answer.status === 404) {
    const fact = "this page is no longer the one the terminal talks to";
    return new RefusedError(404, fact, "Open it again from the terminal; your plan is saved.");
  }
  return new RefusedError(answer.status, `the review answered ${answer.status}`, null);
}

function placeOf(said: object): RefusedPlace | null {
  const at: unknown = "at" in said ? said.at : null;
  if (typeof at !== "object" || at === null || !("seq" in at) || typeof at.seq !== "number") {
    return null;
  }
  return {
    seq: at.seq,
    file: "file" in at && typeof at.file === "number" ? at.file : null,
    field: "field" in at && typeof at.field === "string" ? at.field : null,
  };
}
