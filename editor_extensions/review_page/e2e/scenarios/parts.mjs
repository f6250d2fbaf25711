// Parts and joins tasks that nobody keeps: it is saved, and undo takes it back like anything else.

export default async function parts(b) {
  const rows = () => b.page.locator("[data-row]").count();
  const before = await rows();
  await b.button("Split or join").first().click();
  await b.button("Split here").click();
  await b.heard("One task is now two.");
  const parted = await rows();
  await b.check("a parted task");
  await b.button(/^Undo/).click();
  await b.heard("The last change is undone.");
  const undone = await rows();
  // What was opened stays with its task; it is opened again where the list was made anew.
  await b.page.locator("[data-main]").first().focus();
  const join = b.button("Join with the next");
  if ((await join.count()) === 0) await b.page.keyboard.press("p");
  await join.first().click();
  await b.heard("The two tasks are one.");
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  return { before, parted, undone, joined: await rows() };
}
