// A damaged recording: what can be read is shown, and nothing of it can be kept.

export default async function damaged(b) {
  await b.page.getByText("nothing of it can be included or signed").waitFor();
  await b.page.getByRole("alert").first().waitFor();
  await b.check("a damaged recording");
  if ((await b.page.locator("[data-main]").count()) > 0)
    throw new Error("something can be included");
  await b.screen("Sign");
  await b.page.getByRole("heading", { name: "Nothing is included" }).waitFor();
  await b.screen("Timeline");
  await b.page.locator(".cm-line").first().waitFor();
  await b.check("the timeline of a damaged recording");
}
