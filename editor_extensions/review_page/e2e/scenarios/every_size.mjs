// Every screen of the review in every size, from nothing included to signed.
import { Sizes } from "../sizes.mjs";

export default async function everySize(b, given) {
  const sizes = new Sizes(b, given.origin);
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  await b.screen("Overview");
  await sizes.look("nothing");
  await b.screen("Tasks");
  await b.page.locator("[data-main]").first().click();
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();
  await b.page.locator("[data-main]").nth(1).click();
  await b.page.getByRole("heading", { name: "Included: 2 tasks" }).waitFor();
  await b.button("Split or join").first().click();
  await sizes.look("tasks");
  await b.page.keyboard.press("?");
  await b.page.locator("dialog[open]").waitFor();
  await sizes.look("keys", { isDialog: true });
  await b.page.keyboard.press("Escape");
  await b.button("Discard the recording…").click();
  await sizes.look("discard", { isDialog: true });
  await b.page.keyboard.press("Escape");
  await b.screen("Overview");
  await b.page.locator("[data-headline]", { hasText: "edits in" }).waitFor();
  await sizes.look("overview");
  await b.screen("To check");
  await b.page.locator("[data-progress]").waitFor();
  await b.page.locator("[data-group]").first().click();
  await sizes.look("check");
  await b.page.keyboard.press("A");
  await b.button("Go on to signing").waitFor();
  await player(b, sizes, given);
  await b.screen("Sign");
  await sizes.look("sign_before");
  await b.toBeSigned(given.store);
  await sizes.look("sign");
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  await sizes.look("signed");
  await b.screen("Tasks");
  await b.page.locator('[data-state="signed"]').first().waitFor();
  await sizes.look("tasks_signed");
  // What is shared has coarse times, and no time of day.
  await b.screen("Timeline");
  await b.page.locator(".about", { hasText: "final" }).waitFor();
  const clocks = await b.page.locator("[data-clock]").count();
  if (clocks > 0) throw new Error("a time of day that the final file does not hold");
  return { faults: sizes.faults, looked: sizes.looked };
}

/** The screens of the player, which the replay has too. */
export async function player(b, sizes, given) {
  await b.screen("Timeline");
  await b.page.locator(".cm-line").first().waitFor();
  await b.page.locator("[data-clock]", { hasText: given.clock }).waitFor();
  await sizes.look("timeline");
  await b.page.keyboard.press("m");
  await b.page.locator("dialog[open]").waitFor();
  await sizes.look("go_to", { isDialog: true });
  await b.page.keyboard.press("Escape");
  await b.screen("Files");
  await b.page.locator(`main[aria-label="Files"] .cm-line`).first().waitFor();
  await sizes.look("files");
  await b.screen("Output");
  await b.page.locator(".list-side").getByText("1 failed").first().click();
  await b.page.locator(`section[aria-label="Output"]`, { hasText: "3 == 2" }).waitFor();
  await sizes.look("output");
  await b.screen("Text");
  await b.page.getByLabel("Search everything").fill("count");
  await b.page.locator(".hit").first().waitFor();
  await sizes.look("text");
  await longPathKeepsItsName(b);
  await b.button("Deleted text").click();
  await b.page.locator(".text-screen .virtual, .text-screen .waiting").first().waitFor();
  await sizes.look("deleted");
  await b.button("Search everything").click();
}

/** A path that is too long for its place is cut at its folders: the end of its name is in view. */
async function longPathKeepsItsName(b) {
  const fault = await b.page.evaluate(() => {
    const path = document.querySelector(".cut-short > .path");
    const before = path.textContent;
    path.textContent = `${"folder/".repeat(60)}orders.py`;
    const end = document.createRange();
    end.setStart(path.firstChild, path.textContent.length - "orders.py".length);
    end.setEnd(path.firstChild, path.textContent.length);
    const [name, place] = [end, path.parentElement].map((one) => one.getBoundingClientRect());
    path.textContent = before;
    const isInView = name.left >= place.left - 1 && name.right <= place.right + 1;
    return isInView ? "" : `${name.left}..${name.right} in ${place.left}..${place.right}`;
  });
  if (fault !== "") throw new Error(`the name of a long path is at ${fault}`);
}
