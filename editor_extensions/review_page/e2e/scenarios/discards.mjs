// Discards the recording: the harmless answer has the focus, and Escape is one too.

export default async function discards(b) {
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.button("Discard the recording…").click();
  await b.page.getByRole("dialog").waitFor();
  await b.page.keyboard.press("Escape");
  await b.page.getByRole("dialog").waitFor({ state: "detached" });
  await b.button("Discard the recording…").click();
  await b.button("Discard it").click();
  await b.page.getByRole("heading", { name: "Discarded" }).waitFor();
  await b.check("what was discarded");
}
