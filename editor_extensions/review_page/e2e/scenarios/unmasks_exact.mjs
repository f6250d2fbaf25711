// A value that this machine knows to be secret: after the question comes a second one of its own,
// and the harmless answer has the focus there too.
import { find } from "./unmasks.mjs";

export default async function unmasksExact(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("To check");
  await b.page.locator("[data-group]", { hasText: " masked: " }).first().click();
  await b.page.keyboard.press("w");
  await b.button(/^Unmask \d/).click();
  await b.button("Unmask it all the same").waitFor();
  await b.check("the question of its own");
  const warned = await b.page.getByRole("dialog").innerText();
  const focused = await b.page.evaluate(() => document.activeElement?.textContent);
  await b.button("Leave it masked").click();
  await b.page.getByRole("dialog").waitFor({ state: "detached" });
  await find(b, given.secret, 0);

  await b.screen("To check");
  await b.page.locator("[data-group]", { hasText: " masked: " }).first().click();
  await b.page.keyboard.press("w");
  await b.button(/^Unmask \d/).click();
  await b.button("Unmask it all the same").click();
  await b.heard("Unmasked.");
  await find(b, given.secret, 1);
  return { warned, focused };
}
