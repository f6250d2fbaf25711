// Says by keys alone what was thought at a moment, skips the others, takes one away again, and sees
// that a cut of such a moment is refused in words. Looks at it in both themes, and narrow.

export default async function thinking(b, given) {
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("Overview");
  const card = b.page.getByRole("region", { name: "What were you thinking here?" });
  await card.locator("[data-moment]").nth(2).waitFor();
  const kinds = await card
    .locator("[data-moment]")
    .evaluateAll((rows) => rows.map((row) => row.dataset.moment));

  await b.page.keyboard.press("n");
  const isFirst = await focused(b);
  await b.page.keyboard.press("Enter"); // skips it
  const isSecond = await focused(b);
  await b.page.keyboard.type(given.said);
  await b.page.keyboard.press("Enter");
  await b.heard("The note is in the task.");
  const isThird = await focused(b);
  await b.page.keyboard.type("not this");
  await b.page.keyboard.press("Enter");
  await b.heard("The note is in the task.");
  await card.locator("input").nth(2).fill("");
  await card.locator("input").nth(2).press("Enter");
  await b.heard("The note is taken away.");
  await b.look("thinking", card);
  await b.page.setViewportSize({ width: 360, height: 800 });
  await b.check("narrow");
  const isWithin = await card.evaluate(
    (one) => one.getBoundingClientRect().right <= document.documentElement.clientWidth,
  );
  await b.picture("thinking_narrow");
  await b.page.setViewportSize({ width: 1280, height: 720 });
  const kept = await card.locator("input").evaluateAll((lines) => lines.map((line) => line.value));
  return { kinds, focus: [isFirst, isSecond, isThird], kept, isWithin };
}

/** Return which of the lines has the focus. */
async function focused(b) {
  return b.page.evaluate(() =>
    [...document.querySelectorAll("[data-moment] input")].indexOf(document.activeElement),
  );
}
