// Signs for a hub on the review page: its terms are asked for, shown whole, and read before.

export default async function hubTerms(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await acceptAll(b);
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-seen]").waitFor();
  await b.page.getByLabel("I sign what I did not open, unseen").check();
  await b.page.getByLabel("Store", { exact: true }).fill(given.address);
  await b.page.getByLabel("for research").check();
  await b.page.getByLabel("Whose code it is").selectOption("mine");
  await lacksTerms(b);
  await b.button("Read the terms of this hub").click();
  await b.page.locator("[data-hub-terms]").waitFor();
  await b.page.getByText(given.fingerprint).first().waitFor();
  await b.page.getByText(given.words).first().waitFor();
  await b.check("the terms of a hub");
  await b.page.screenshot({ path: `${b.plan.out}/terms.png`, fullPage: true });
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  return { statement: await b.text("[data-statement]") };
}

/** Nothing can be signed before the terms were read. */
async function lacksTerms(b) {
  if (!(await b.button("Sign these bytes").isDisabled()))
    throw new Error("signed without the terms of the hub");
}

/** Shares as it is whatever waits for a decision. */
async function acceptAll(b) {
  await b.screen("To check");
  await b.page.locator("[data-progress]").waitFor();
  for (;;) {
    const [done, all] = ((await b.text("[data-progress]")).match(/\d+/g) ?? [0, 0]).map(Number);
    if (done === all) return;
    await b.page.keyboard.press("n");
    await b.page.keyboard.press("a");
    await b.page.locator("[data-progress]", { hasText: `${done + 1} of` }).waitFor();
  }
}
