// `signoff replay --html`: a page from disk plays the episode that is in it, asks for nothing, and
// shows what is hostile in it as marks.
import { everyPlayerScreen } from "./hostile.mjs";

export default async function replayPage(b) {
  await b.page.evaluate(() => {
    globalThis.__hit = 0;
  });
  await everyPlayerScreen(b);
  await b.screen("Timeline");
  const slider = b.page.locator(`[role="slider"][aria-label="Moment"]`);
  const most = Number(await slider.getAttribute("aria-valuemax"));
  await slider.focus();
  await b.page.keyboard.press("Home");
  const first = await momentOf(slider);
  await b.page.getByRole("button", { name: "Play", exact: true }).click();
  await b.until(
    "a later moment while it plays",
    (from) => {
      const bar = document.querySelector(`[role="slider"][aria-label="Moment"]`);
      return Number(bar.getAttribute("aria-valuenow")) > from;
    },
    first,
  );
  await b.page.getByRole("button", { name: "Pause", exact: true }).click();
  const played = await momentOf(slider);
  return { first, played, most };
}

async function momentOf(slider) {
  return Number(await slider.getAttribute("aria-valuenow"));
}
