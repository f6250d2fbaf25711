/** The page's first script, small on purpose: it takes the data out of the document, starts the
 *  reader and asks the server, all of which goes on while the page's own script is parsed. */
import { request } from "./asking";
import { beginOpening, type Opening } from "./episode/opening";
import { type PageData, type ReviewData, takePageData } from "./page_data";
import { handOver, type Started } from "./started";

const data = takePageData();
handOver(begun(data));

function begun(of: PageData): Started {
  if (of.mode === "replay")
    return { data: of, opening: beginOpening(of.episode), answers: new Map() };
  return { data: of, opening: openingOf(of), answers: new Map([review(of)]) };
}

function review({ token }: ReviewData): [string, Promise<Response>] {
  const path = "/api/review";
  const answer = request(token, "GET", path);
  answer.catch(() => undefined);
  return [path, answer];
}

function openingOf({ token }: ReviewData): Opening {
  return beginOpening(
    request(token, "GET", "/api/base").then(async (answer) => {
      if (!answer.ok) throw new Error(`the review answered ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    }),
  );
}
