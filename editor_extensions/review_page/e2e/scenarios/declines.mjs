// Does not sign: the review closes, nothing is left but the plan. Discarding asks first.

export default async function declines(b) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-digest]").waitFor();
  await b.button("Discard the recording…").click();
  await b.page.getByRole("dialog").waitFor();
  await b.check("the question before discarding");
  const focused = await b.page.evaluate(() => document.activeElement?.textContent);
  await b.button("Keep it").click();
  await b.page.getByRole("dialog").waitFor({ state: "detached" });
  await b.button("Leave without signing").click();
  await b.page.getByRole("heading", { name: "The review is closed" }).waitFor();
  await b.check("the closed review");
  return { focused };
}
