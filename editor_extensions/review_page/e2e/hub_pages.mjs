// Using pages of a hub by keys alone; and a look at those that only come after something was done.
const WIDTHS = [1280, 640, 320];

/** Look at a page in both themes and at every width; fails where axe or the width does. */
export async function look(b, name) {
  for (const colorScheme of ["dark", "light"]) {
    await b.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await b.check(`${name}, ${colorScheme}`);
    for (const width of WIDTHS) {
      await b.page.setViewportSize({ width, height: 720 });
      const wide = await b.page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) throw new Error(`${name} is ${wide} wide in a window of ${width}`);
    }
    await b.page.screenshot({ path: `${b.plan.out}/${name}_${colorScheme}_320.png` });
    await b.page.setViewportSize({ width: 1280, height: 720 });
    await b.page.screenshot({ path: `${b.plan.out}/${name}_${colorScheme}.png` });
  }
}

/** Go to something by Tab alone. */
export async function tabTo(b, place) {
  await place.waitFor();
  for (let pressed = 0; pressed < 80; pressed += 1) {
    if (await place.evaluate((one) => one === document.activeElement)) return;
    await b.page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${place}`);
}

/** Press something by keys alone, and wait for the page that comes. */
export async function go(b, place, heading) {
  await tabTo(b, place);
  await b.page.keyboard.press("Enter");
  await b.page.getByRole("heading", { level: 1, name: heading }).waitFor();
}

/** A link by its words. */
export function link(b, name) {
  return b.page.getByRole("link", { name, exact: true }).first();
}

/** Fail when a page wrote to the console. */
export function refuseWords(b) {
  if (b.told.length > 0) throw new Error(`the console says: ${b.told.join("\n")}`);
}
