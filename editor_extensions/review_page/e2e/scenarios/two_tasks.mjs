// Two tasks are included; the first is signed, and nothing of that is said of the second.

export default async function twoTasks(b, given) {
  await b.page.locator("[data-main]").nth(0).click();
  await b.heard("The task is included.");
  await b.page.locator("[data-main]").nth(1).click();
  await b.page.getByRole("heading", { name: "Included: 2 tasks" }).waitFor();
  const atFirst = await states(b);

  await b.screen("Sign");
  await choose(b, 0);
  await decideAll(b);
  await b.screen("Sign");
  await b.toBeSigned(given.store);
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();

  // No way out before the recovery code is said to be saved.
  const isHeld = await b.button("Close the review").isDisabled();
  await b.page.locator("[data-recovery]").waitFor();
  await b.look("recovery", b.page.locator(".rv-recovery"));
  await b.button("I saved it").click();
  await b.heard("You can leave now.");
  const signed = await b.text("[data-leaving]");

  await choose(b, 1);
  await b.button("Make the final file").waitFor();
  const other = await b.page.locator(".sheet").innerText();
  await choose(b, 0);
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  const back = await b.page.locator(".sheet").innerText();
  await b.screen("Tasks");
  await b.look("tasks_signed");
  return { atFirst, isHeld, signed, other, back, atLast: await states(b) };
}

async function choose(b, place) {
  await b.page.locator(".rv-keep-choice select").selectOption(String(place));
}

async function states(b) {
  return b.page
    .locator("[data-row]")
    .evaluateAll((rows) =>
      rows.map((row) => row.querySelector("[data-state]")?.dataset.state ?? "nothing"),
    );
}

async function decideAll(b) {
  await b.screen("To check");
  await b.page.locator("[data-progress]").waitFor();
  for (;;) {
    const said = await b.text("[data-progress]");
    const [done, all] = (said.match(/^(\d+) of (\d+) decided$/) ?? []).slice(1).map(Number);
    if (done === undefined || done === all) return;
    await b.page.keyboard.press("n");
    await b.page.keyboard.press("a");
    await b.page.locator("[data-progress]", { hasText: `${done + 1} of` }).waitFor();
  }
}
