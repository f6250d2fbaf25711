// What sealing masked is shown again, after two confirmations; the plan goes on with the new
// episode. Leaving it masked is the answer that has the focus.

export default async function unmasks(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await find(b, given.secret, 0);

  await b.screen("To check");
  await b.page.locator("[data-group]", { hasText: " masked: " }).first().click();
  await b.page.keyboard.press("w");
  await b.page.getByRole("dialog").waitFor();
  await b.check("the question before unmasking");
  const question = await b.page.getByRole("dialog").innerText();
  const focused = await b.page.evaluate(() => document.activeElement?.textContent);
  await b.button("Leave it masked").click();
  await b.page.getByRole("dialog").waitFor({ state: "detached" });
  const asked = b.sent.filter(({ path }) => path === "/api/unmask").length;

  await b.page.keyboard.press("w");
  await b.button(/^Unmask \d/).click();
  await b.heard("Unmasked.");
  await find(b, given.secret, 1);
  await b.screen("Tasks");
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();
  return { focused, asked, question };
}

/** Search everything that the player shows for a value. */
export async function find(b, value, least) {
  await b.screen("Text");
  await b.page.getByLabel("Search everything").fill(value);
  if (least > 0) await b.page.locator(".hit").first().waitFor();
  else await b.page.getByText("Nothing in this episode contains that.").waitFor();
}
