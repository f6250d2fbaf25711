// The plan of a review that was ended goes on; another window changes it meanwhile; a reload
// says in words what happened, and the old address opens nothing.

export default async function goesOn(b, given) {
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();
  await b.page.getByLabel("Its name").waitFor();
  const name = await b.page.getByLabel("Its name").inputValue();

  // Another window with the same token drops the task; this one is told and shows the plan as it is.
  const { json: review } = await b.ask("GET", "/api/review");
  const other = await b.ask("PUT", "/api/plan", {
    revision: review.revision,
    plan: { ...review.plan, keeps: [] },
  });
  await b.page.getByLabel("How it ended").selectOption("partly");
  await b.page.getByRole("alert").filter({ hasText: "changed elsewhere" }).waitFor();
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  await b.check("told of another window's change");
  await b.button("Dismiss").click();

  // Undo takes the other window's change back: it is one plan.
  await b.page.keyboard.press("u");
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();

  // Parting and joining a kept task, by what is shown.
  await b.button("Split or join").first().click();
  await b.button("Split here").click();
  await b.page.getByRole("heading", { name: "Included: 2 tasks" }).waitFor();
  await b.button("Include the next with it").or(b.button("Join with the next")).first().click();
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();

  const address = b.page.url();
  const reloaded = await answered(b, () => b.page.reload());
  const heading = await b.page.getByRole("heading", { level: 1 }).innerText();
  const told = await b.page.locator("main").innerText();
  await b.check("loaded again");
  await b.picture("loaded_again");
  // Loaded once more it says the same; and nothing of the review is in it.
  await b.page.reload();
  await b.page.getByRole("heading", { name: heading }).waitFor();
  const again = await answered(b, () => b.page.goto(given.address));
  return { name, other: other.status, address, reloaded, heading, told, again };
}

/** What a navigation is answered with; the browser has a page of its own for an empty 404. */
async function answered(b, navigate) {
  const coming = b.page.waitForResponse((answer) => answer.request().isNavigationRequest());
  await navigate().catch(() => {});
  const answer = await coming;
  return { status: answer.status(), length: answer.headers()["content-length"] };
}
