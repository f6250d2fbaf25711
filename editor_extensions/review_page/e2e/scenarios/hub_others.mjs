// An auditor and an operator, by keys alone.
import { go, link, look, refuseWords, tabTo } from "../hub_pages.mjs";

export default async function others(b, given) {
  const { page } = b;
  // The first key press offers the way past the menu.
  await b.page.keyboard.press("Tab");
  await b.focused("Skip to the content");
  await b.page.keyboard.press("Enter");
  await b.until("the content has the focus", () => document.activeElement.id === "content");
  await go(b, link(b, "Sign in"), "Sign in");
  await signIn(b, given.audit, "Log");
  await go(b, b.button("Prove it"), "Did the log only grow?");
  await page.getByText("begins with the log of 1").waitFor();
  await look(b, "consistency");
  await go(b, link(b, "Log"), "Log");
  await go(b, link(b, "0"), "Leaf 0");
  await page.getByText("It is in the tree").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    link(b, "The proof as a file").press("Enter"),
  ]);
  const file = `${b.plan.out}/leaf.proof.json`;
  await download.saveAs(file);
  await go(b, link(b, "Data sets"), "Data sets");
  await go(b, link(b, "Statistics"), "Statistics");
  await go(b, link(b, "What ended"), "What ended");
  await go(b, b.button("Sign out"), "A hub for signed episodes");

  await go(b, link(b, "Sign in"), "Sign in");
  await signIn(b, given.operate, "Operation");
  await page.getByText("Everything can be worked with.").waitFor();
  refuseWords(b);

  // What is not there, not for one, or needs signing in says so, and is a page like any other.
  await page.goto(`${b.origin}/pages/log`);
  await page.getByRole("heading", { name: "This is not for you" }).waitFor();
  await look(b, "not_for_you");
  await page.goto(`${b.origin}/pages/nothing`);
  await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await look(b, "nothing");
  return { file };
}

async function signIn(b, token, heading) {
  await tabTo(b, b.page.getByLabel("API token"));
  await b.page.keyboard.type(token);
  await b.page.keyboard.press("Enter");
  await b.page.getByRole("heading", { level: 1, name: heading }).waitFor();
}
