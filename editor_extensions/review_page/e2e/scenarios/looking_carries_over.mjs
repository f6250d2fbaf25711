// What was looked at in a preview stays looked at in the final file, as long as it is the same.

export default async function lookingCarriesOver(b, given) {
  await b.page.locator("[data-main]").nth(0).click();
  await b.heard("The task is included.");
  await b.screen("Overview");
  const card = await b.text("[data-deleted]");
  const header = await b.text("header .about");
  await b.button(/^Look at it/).click();
  await b.page.locator(`main[aria-label="Timeline"] .cm-line`).first().waitFor();
  const told = [];
  b.page.on("request", (one) => {
    if (one.url().endsWith("/api/previews/seen")) told.push(JSON.parse(one.postData()));
  });
  const files = await openAllFiles(b);
  const outputs = await openAllOutputs(b);
  while (!told.some((one) => one.files.length >= files && one.outputs.length >= outputs)) {
    await b.page.waitForEvent("request");
  }
  const same = await makeFinal(b);

  // Deleted text is in no first and in no last state: it is a row of its own.
  await b.look("looked_at", b.page.locator("section", { hasText: "2. What you looked at" }));
  await b.button(/^Open deleted text of/).click();
  const deleted = b.page.getByRole("region", { name: "Deleted text" });
  await deleted.waitFor();
  const read = await deleted.innerText();
  await b.look("deleted_text");
  await b.screen("Sign");
  await b.page.locator("[data-seen]", { hasText: "1 of 1 deleted text" }).waitFor();
  const all = await b.text("[data-seen]");

  // A value is masked: what held it is to be looked at once more, and nothing else.
  await b.screen("Overview");
  const value = b.page.getByLabel("Mask a value everywhere");
  await value.fill(given.value);
  await value.press("Enter");
  await b.heard("Masked:");
  const changed = await makeFinal(b);

  // What is taken back gives the bytes that were looked at.
  await b.screen("Overview");
  await b.button(/^Undo/).click();
  await b.heard("The last change is undone.");
  return { header, card, same, read, all, changed, undone: await makeFinal(b) };
}

async function openAllFiles(b) {
  await b.screen("Files");
  const files = b.page.getByRole("region", { name: "Changed files" }).getByRole("button");
  await files.first().waitFor();
  await b.button(/^All lines/).click();
  const everything = b.page.getByLabel("also files that did not change");
  await everything.check();
  for (let place = 0; place < (await files.count()); place++) {
    const name = await files.nth(place).getAttribute("title");
    await files.nth(place).click();
    await b.page.locator(".pane-head", { hasText: name.split("/").at(-1) }).waitFor();
    await b.page.locator(`main[aria-label="Files"] .cm-line`).first().waitFor();
  }
  return files.count();
}

async function openAllOutputs(b) {
  await b.screen("Output");
  const outputs = b.page.locator(".list-side .list-line");
  await outputs.first().waitFor();
  for (let place = 0; place < (await outputs.count()); place++) {
    await outputs.nth(place).click();
    await b.page.locator(`section[aria-label="Output"] .output-line`).first().waitFor();
  }
  return outputs.count();
}

async function makeFinal(b) {
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-seen]").waitFor();
  const since = await b.page.locator("section", { hasText: "1. The final file" }).innerText();
  const unseen = b.page.locator("[data-unseen]");
  return { since, seen: await b.text("[data-seen]"), unseen: await unseen.allInnerTexts() };
}
