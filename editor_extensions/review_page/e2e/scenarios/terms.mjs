// Signs with the person's own key code that an employer owns, from an editor that was shared: each
// of these has to be said, and nothing can be signed before.

export default async function terms(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await acceptAll(b);
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-seen]").waitFor();
  await b.page.getByText("You looked at no preview of it").waitFor();
  await b.page.getByLabel("I sign what I did not open, unseen").check();
  await b.page.getByLabel("Store", { exact: true }).fill(given.store);
  await b.page.getByLabel("for teaching").check();
  await b.page.getByLabel("Whose code it is").selectOption("employer");
  await lacks(b, "Give the reference of the permission that you hold.");
  await b.page.getByLabel("I have its reference").check();
  await b.page.getByLabel("Reference", { exact: true }).fill("");
  await b.check("the permission");
  await b.page.getByLabel("I hold one; make a reference").check();
  await lacks(b, "Confirm that nobody else typed.");
  await b.page.getByLabel("nobody but me typed").check();
  await b.page.getByLabel("Sign with my git key").check();
  await b.check("all that is said");
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  await b.page.getByText("You signed these bytes.").waitFor();
  return { statement: await b.text("[data-statement]") };
}

/** What is still missing says so, and nothing can be signed. */
async function lacks(b, what) {
  await b.page.getByRole("list", { name: "Still missing" }).getByText(what).waitFor();
  if (!(await b.button("Sign these bytes").isDisabled()))
    throw new Error(`signed without: ${what}`);
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
