// A contributor's pages by keys alone: opened from the terminal, read, and the episode taken back.
import { go, link, look, refuseWords, tabTo } from "../hub_pages.mjs";

export default async function contributor(b, given) {
  const { page } = b;
  // The code is out of the address at once, and nothing happened yet.
  await b.until("the code is in its field", () => document.querySelector("#code").value !== "");
  if (page.url().includes("#")) throw new Error("the code stands in the address");
  await go(b, b.button("Open my pages"), "My episodes");
  await go(b, link(b, given.sha256.slice(0, 16)), `Episode ${given.sha256.slice(0, 16)}`);
  await page.getByText("admitted: it was read and checked").waitFor();
  await page.getByRole("heading", { name: "Receipt" }).waitFor();
  const place = page.url();

  await tabTo(b, page.getByLabel("Secret of this sign-off"));
  await page.keyboard.type(given.secret);
  // Without the box ticked the browser sends nothing.
  await tabTo(b, b.button("Take it back"));
  await page.keyboard.press("Enter");
  const isTicked = await page.getByRole("checkbox").evaluate((one) => one.validity.valid);
  if (isTicked || page.url() !== place) throw new Error("taken back without the box");
  await page.keyboard.press("Shift+Tab");
  await tabTo(b, page.getByRole("checkbox"));
  await page.keyboard.press("Space");
  await tabTo(b, b.button("Take it back"));
  await page.keyboard.press("Enter");
  await page.getByText("withdrawn: nobody reads it here any more").waitFor();
  await look(b, "withdrawn");

  // Scripts of the page could not read the session, and its cookie goes nowhere else.
  const readable = await page.evaluate(() => document.cookie);
  const [cookie] = await b.context.cookies();
  await go(b, b.button("Sign out"), "A hub for signed episodes");
  refuseWords(b);
  return { readable, cookie };
}
