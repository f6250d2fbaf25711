// Masks are chips with what stood there and why, on every screen; text that was typed to look like
// one is none. `isReplay` is the page of `signoff replay --html`, which has the player's screens.

export default async function masks(b, { mask, typed, words, isReplay }) {
  const wanted = { mask, typed, words };
  if (!isReplay) {
    await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
    await b.page.keyboard.press("k");
    await b.heard("The task is included.");
    await b.screen("To check");
    await b.page.locator("[data-group]", { hasText: "masked:" }).click();
    await chips(b, ".rv-check-one", wanted);
    await b.screen("Overview");
    await b.page.keyboard.press("v");
  } else await b.screen("Timeline");
  await b.page.locator(`main[aria-label="Timeline"] .cm-line`).first().waitFor();
  await b.page.locator(`[role="slider"][aria-label="Moment"]`).focus();
  await b.page.keyboard.press("End");
  await chips(b, ".stage .code", wanted);
  await b.screen("Files");
  await b.page.locator(".list-side button", { hasText: "a.py" }).click();
  await chips(b, ".shown-side .cm-deletedChunk", wanted);
  await chips(b, ".shown-side .cm-changedLine, .shown-side .cm-insertedLine", wanted);
  await b.check("differences with chips");
  await b.screen("Output");
  await b.page.locator(".list-side button", { hasText: "make" }).click();
  await chips(b, ".output-line", wanted);
  await chips(b, ".list-side", wanted);
  await b.screen("Text");
  await b.page.getByLabel("Search everything").fill("address");
  await chips(b, ".hit", wanted);
  await b.page.keyboard.press("Escape");
  await b.button("Deleted text").click();
  await chips(b, ".deleted-line", wanted);
  return {};
}

/** In this place the mask is a chip with its words, and what only looks like one is none. */
async function chips(b, place, { mask, typed, words }) {
  await b.until(
    `${mask} as a chip in ${place}`,
    ([wanted, where]) =>
      [...document.querySelectorAll(where)].some((one) =>
        [...one.querySelectorAll(".mask-chip")].some((chip) => chip.textContent === wanted),
      ),
    [mask, place],
  );
  const found = await b.page.evaluate((where) => {
    const all = [...document.querySelectorAll(where)].flatMap((one) => [
      ...one.querySelectorAll(".mask-chip"),
    ]);
    return all.map((chip) => [chip.textContent, chip.title]);
  }, place);
  for (const [text, title] of found) {
    if (text === typed) throw new Error(`${typed} was typed, and is a chip in ${place}`);
    if (text === mask && title !== `masked — ${words}`) throw new Error(`${place}: ${title}`);
  }
}
