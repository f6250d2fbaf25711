// Every screen of a page from disk in every size.
import { Sizes } from "../sizes.mjs";
import { player } from "./every_size.mjs";

export default async function everySizeReplay(b, given) {
  const sizes = new Sizes(b, given.origin);
  await player(b, sizes, given);
  return { faults: sizes.faults, looked: sizes.looked, title: await b.page.title() };
}
