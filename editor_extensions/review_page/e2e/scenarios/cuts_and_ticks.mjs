// Cuts a file and a kind, ticks what is held back unless a person says so, and sends a mask that
// has no place: it is refused, and the page shows where.

export default async function cutsAndTicks(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("Overview");
  const files = b.page.getByRole("region", { name: /^Files:/ });
  await files.getByText(given.worked, { exact: true }).waitFor();
  await b.button(`Cut the file ${given.worked}`, files).click();
  await b.heard("The file is cut.");
  await files.getByText(given.worked, { exact: true }).waitFor({ state: "detached" });
  await b.page.locator("[data-cuts]").getByText(given.worked).waitFor();

  await b.page.getByRole("checkbox", { name: "looked at" }).click();
  await b.heard("All steps “looked at” are cut.");
  const held = [
    [/^Typed while recording was paused/, given.paused],
    [/^Only looked at/, given.seen],
    [/^Differed from the commit/, given.overlay],
  ];
  for (const [why, path] of held) {
    const box = (checked) =>
      b.page.getByRole("group", { name: why }).getByRole("checkbox", { name: path, checked });
    await box(false).click();
    await b.heard("It is shared.");
    await box(true).waitFor();
    // Taken back and done again: each tick is a change of its own.
    await b.button(/^Undo/).click();
    await b.heard("The last change is undone.");
    await box(false).click();
    await b.heard("It is shared.");
    await box(true).waitFor();
  }
  await b.check("what comes along");
  await misplaced(b);
}

/** A mask at a place that is not there: only something that is wrong in the page could send it. */
async function misplaced(b) {
  await b.page.route("**/api/plan", async (route) => {
    const body = JSON.parse(route.request().postData());
    const wrong = {
      after_seq: body.plan.keeps[0].from_seq + 2,
      file: 0,
      buffer: 0,
      start: 1e6,
      length: 4,
    };
    body.plan.mask_texts = [...body.plan.mask_texts, wrong];
    await route.continue({ postData: JSON.stringify(body) });
  });
  await b.page.getByLabel(/^The day it began, in UTC/).click();
  await b.page.getByRole("alert").waitFor();
  await b.check("a refused mask");
  await b.page.unroute("**/api/plan");
  await b.button("Show the place").click();
  await b.page.locator(`main[aria-label="Files"]`).waitFor();
  await b.button("Dismiss").click();
  await b.page.getByRole("alert").waitFor({ state: "detached" });
}
