// Keeps a task and stays as it is: what comes next finds the plan again.

export default async function keepAndWait(b) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.page.getByLabel("Its name").fill("Kept before the end");
  await b.page.getByLabel("Its name").press("Enter");
  await b.heard("The task has a new name.");
}
