// A review that is opened again: what became of each task before is said, also where one signs.

export default async function taskStates(b) {
  await b.page.locator("[data-row]").first().waitFor();
  const states = await b.page
    .locator("[data-row]")
    .evaluateAll((rows) =>
      rows.map((row) => row.querySelector("[data-state]")?.dataset.state ?? "nothing"),
    );
  const first = await b.text("[data-row]");
  const leaving = await b.text("[data-leaving]");
  await b.screen("Sign");
  const before = await b.text("[data-before]");
  await b.look("sign_again");
  return { states, first, leaving, before };
}
