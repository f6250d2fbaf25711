// What stands in a long output is shown there, at its line and marked: from the list to check of a
// review, and from a search.

export default async function outputHit(b, { needle, isReview }) {
  if (isReview) await fromTheList(b, needle);
  else await fromASearch(b, needle);
  await b.page.locator(`main[aria-label="Output"]`).waitFor();
  const mark = b.page.locator(".output-line[aria-current] mark", { hasText: needle });
  await mark.waitFor();
  await b.until("the hit is in view", () => {
    const own = document.querySelector(".output-line[aria-current] mark").getBoundingClientRect();
    const list = document.querySelector(".shown-side .virtual").getBoundingClientRect();
    return own.top >= list.top && own.bottom <= list.bottom && own.right <= list.right;
  });
  await b.look("output_hit");
}

async function fromTheList(b, needle) {
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("To check");
  const item = b.page.locator("[data-item]", { hasText: needle });
  for (const group of await b.page.locator("[data-group]").all()) {
    await group.click();
    await b.page.locator("[data-item]").first().waitFor();
    if ((await item.count()) > 0) break;
  }
  await item.locator(`[data-act="show"]`).first().click();
}

async function fromASearch(b, needle) {
  await b.page.keyboard.press("/");
  await b.page.getByRole("searchbox", { name: "Search everything" }).fill(needle);
  await b.page.locator("button.hit", { hasText: "command: output" }).click();
}
