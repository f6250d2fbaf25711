// Opened again: tasks that nobody keeps are parted as they were left.

export default async function parted(b) {
  await b.page.locator("[data-row]").first().waitFor();
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  return { rows: await b.page.locator("[data-row]").count() };
}
