// More was recorded since this was sealed: it is said, and nothing else changes.

export default async function wentOn(b) {
  await b.page.getByText("More was recorded since this was sealed.").waitFor();
  await b.check("a session that went on");
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
}
