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
  const shown = b.page.locator(`[data-hub-terms="${given.digest}"]`);
  await shown.waitFor();
  // Whole, and in the hub's words: who answers, under which digest, with which key, and the text.
  const facts = await shown.locator("dl").innerText();
  for (const one of given.facts) {
    if (!facts.includes(one)) throw new Error(`of the terms ${one} is not shown, but ${facts}`);
  }
  await shown.getByText("The key is kept on this machine").waitFor();
  const text = shown.getByRole("region", { name: "The terms of the hub" });
  if (plain(await text.innerText()) !== plain(given.text)) {
    throw new Error(`the text of the terms is not whole: ${await text.innerText()}`);
  }
  await text.focus();
  await b.check("the terms of a hub");
  for (const width of [1280, 640, 360]) {
    await b.page.setViewportSize({ width, height: 720 });
    await shown.scrollIntoViewIfNeeded();
    const wide = await b.page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) throw new Error(`the terms are ${wide} wide in a window of ${width}`);
    await b.page.screenshot({ path: `${b.plan.out}/terms_${width}.png` });
  }
  await b.page.setViewportSize({ width: 1280, height: 720 });
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  return { statement: await b.text("[data-statement]") };
}

/** A text without its line ends, which a page draws as it likes. */
function plain(text) {
  return text.replace(/\s+/g, " ").trim();
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
