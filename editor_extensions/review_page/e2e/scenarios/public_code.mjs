// Public code: the repository is named, with its licence and its public commits; the files of the
// base commit go along, but for what cannot and what the person unticks. All of it by keys.

export default async function publicCode(b, given) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("Overview");
  const card = b.page.getByRole("region", { name: "If the code is public" });
  await card.locator('[data-naming="no"]').waitFor();
  await card.getByText("claim").or(card.getByText("your word")).first().waitFor();
  const address = card.getByLabel("Address");
  if ((await address.inputValue()) !== given.url) throw new Error("the address is not suggested");
  await card.getByLabel("Its licence (SPDX)").fill("MIT");
  await card.getByLabel("Its licence (SPDX)").press("Enter");
  await b.heard("The repository is named.");
  await card.locator('[data-naming="yes"]').waitFor();
  await card.getByRole("button", { name: /commits? is named/ }).press("Enter");
  await card.getByRole("list", { name: "Commits that a remote held" }).waitFor();

  await b.button("Show which files would be shared", card).press("Enter");
  await card.locator("[data-carried]").waitFor();
  await b.look("public", card);
  const before = await card.locator("[data-carried]").innerText();
  if (!/would be included/.test(before)) throw new Error(`chosen beforehand: ${before}`);
  const secret = card.locator("p.row", { hasText: given.secret });
  await secret.getByText("left out").waitFor();
  await card.getByRole("checkbox", { name: "Share these files of commit" }).press("Space");
  await b.heard("The files of the base commit are included.");
  await card.locator("[data-carried]", { hasText: /files are included/ }).waitFor();
  await card.getByLabel("Files named").fill(given.left_out);
  await card.getByRole("checkbox", { name: given.vendored }).waitFor({ state: "detached" });
  await card.getByRole("checkbox", { name: given.left_out }).press("Space");
  await b.heard("It is not included.");
  await card.getByLabel("Files named").fill("");
  await card.locator('[data-tree-group="vendored"]').getByText(given.vendored).first().waitFor();
  await b.page.locator("[data-headline]", { hasText: "of the base commit" }).waitFor();
  await b.check("the files of the base commit");

  // Files that came along with the tree are not among those to be opened before signing.
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.getByText(`It names the repository ${given.url}`).waitFor();
  await b.page.locator("[data-seen]", { hasText: "0 of 1 file" }).waitFor();
  const listed = b.page.getByRole("region", { name: "Not opened yet" });
  if ((await listed.getByText(given.vendored).count()) > 0) throw new Error("the tree is listed");
}
