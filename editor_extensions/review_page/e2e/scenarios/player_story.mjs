// The player tells the story: its chapters by key, list and lane, the tests that are red while they
// are, and a speed by the length of the recording.

export default async function playerStory(b, { chapters, name, says, speed }) {
  const slider = b.page.locator(`[role="slider"][aria-label="Moment"]`);
  const list = b.page.getByRole("combobox", { name: "Chapter" });
  const red = b.page.getByRole("region", { name: "Tests that are red" });
  await list.waitFor();
  const told = await list.locator("option").allInnerTexts();
  for (const words of chapters) {
    if (!told.some((one) => one.includes(words))) throw new Error(`no chapter: ${words}`);
  }
  const chosen = await b.page.getByRole("combobox", { name: "Speed" }).inputValue();
  if (chosen !== String(speed)) throw new Error(`played at ${chosen}, not at ${speed}`);
  await slider.focus();
  await b.page.keyboard.press("Home");
  if (await red.isVisible()) throw new Error("a test is red before any run");
  await b.page.keyboard.press("s");
  await b.page.locator(".only-heard", { hasText: chapters[0] }).waitFor();
  await b.page.keyboard.press("s");
  await red.getByText(name).waitFor();
  await red.getByText(says).waitFor();
  await b.page.locator(".only-heard", { hasText: chapters[1] }).waitFor();
  await b.check("a chapter with a red test");
  await b.look("chapter");
  await b.page.keyboard.press("S");
  await red.waitFor({ state: "detached" });
  await list.selectOption({ index: told.findIndex((one) => one.includes(chapters.at(-1))) });
  await b.page.locator(".only-heard", { hasText: chapters.at(-1) }).waitFor();
  await overLane(b, slider, chapters);
  await underHelp(b, slider);
}

/** Keys do nothing under the help, and Escape closes it. */
async function underHelp(b, slider) {
  await slider.focus();
  await b.page.keyboard.press("?");
  const help = b.page.getByRole("dialog", { name: "Keys" });
  await help.getByText("next, previous chapter").waitFor();
  await b.page.keyboard.press("s");
  await b.page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  if ((await slider.getAttribute("aria-valuenow")) !== "0") throw new Error("moved under the help");
}

/** In the lane the chapter under the pointer is named, and a click goes to where it begins. */
async function overLane(b, slider, chapters) {
  const box = await slider.boundingBox();
  await b.page.mouse.move(box.x + 110, box.y + 30);
  await b.page.locator(".lanes .hover", { hasText: chapters[0] }).waitFor();
  await b.page.mouse.down();
  await b.page.mouse.up();
  await b.page.locator(`[role="slider"][aria-valuenow="0"]`).waitFor();
}
