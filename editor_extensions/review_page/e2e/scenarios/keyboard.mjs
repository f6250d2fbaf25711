// Without a mouse: Tab comes to everything that can be pressed, each time with a ring around it,
// on every screen and in every dialog of the review; digits go between them, and a task is signed
// by keys.

export default async function keyboard(b, { store }) {
  await ringed(b, "Tasks");
  await b.enter(b.button("Discard the recording"));
  await dialog(b, "Discard the recording");
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.page.keyboard.press("o");
  await b.page.locator("[data-headline]", { hasText: "edit" }).waitFor();
  await ringed(b, "Overview");
  await b.page.keyboard.press("3");
  await b.page.locator("[data-group]").first().waitFor();
  await ringed(b, "To check");
  await b.page.keyboard.press("A");
  await b.button("Go on to signing").waitFor();
  await b.page.keyboard.press("4");
  await b.button("Make the final file").focus();
  await b.page.keyboard.press("Enter");
  await b.page.locator("[data-seen]").waitFor();
  await ringed(b, "Sign");
  await b.page.keyboard.press("5");
  await b.page.getByRole("combobox", { name: "Chapter" }).waitFor();
  await ringed(b, "Timeline");
  await b.page.keyboard.press("m");
  await dialog(b, "Go to a moment");
  await b.page.keyboard.press("?");
  await dialog(b, "Keys");
  await b.page.keyboard.press("6");
  await b.page.locator(`main[aria-label="Files"] .cm-line`).first().waitFor();
  await ringed(b, "Files");
  await b.page.keyboard.press("7");
  await b.page.locator(".output-line").first().waitFor();
  await ringed(b, "Output");
  await b.page.keyboard.press("8");
  await b.page.getByLabel("Search everything").fill("count");
  await b.page.locator(".hit").first().waitFor();
  await ringed(b, "Text");
  await b.page.keyboard.press("4");
  await b.chooseTerms(store);
  await b.enter(b.button("Sign these bytes"));
  await b.page.locator("[data-recovery]").waitFor();
  await ringed(b, "Sign");
  const moving = await b.page.evaluate(() => document.getAnimations().length);
  if (moving > 0) throw new Error(`${moving} things move although the person asked for less`);
}

const DIALOG = "dialog[open]";

/** The dialog that is open; Escape puts it away. */
async function dialog(b, title) {
  await ringed(b, title, DIALOG);
  await b.page.keyboard.press("Escape");
  await b.page.locator("dialog").waitFor({ state: "detached" });
}

/** Everything that can be reached is reached by Tab, in the order it is written, and is ringed. */
async function ringed(b, title, place = "main") {
  await b.page.locator(`${place}[aria-label="${title}"]`).waitFor();
  const all = await b.page.evaluate((isDialog) => {
    const within = isDialog ? document.querySelector("dialog[open]") : document;
    const found = [...within.querySelectorAll("button, input, select, textarea, [tabindex]")];
    document.querySelectorAll("[data-tabbed]").forEach((one) => delete one.dataset.tabbed);
    const reached = found.filter(
      (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility(),
    );
    reached.forEach((one, n) => (one.dataset.tabbed = String(n)));
    document.activeElement?.blur();
    return reached.length;
  }, place === DIALOG);
  const order = [];
  // Radio buttons of one name, and what scrolls, may be one stop for several or one more.
  for (let press = 0; press < all + 20; press++) {
    await b.page.keyboard.press("Tab");
    const at = await b.page.evaluate(() => {
      const one = document.activeElement;
      if (one === null || one === document.body) return null;
      // The ring of a text is around all of its view.
      const style = getComputedStyle(one.closest(".cm-editor") ?? one);
      const isRinged = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      const box = one.getBoundingClientRect();
      const out = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
      const isCut = one.closest(".bar") !== null && box.top - out < 0;
      return {
        n: one.dataset.tabbed,
        isRinged: isRinged && !isCut,
        html: one.outerHTML.slice(0, 160),
      };
    });
    if (at === null) continue;
    if (!at.isRinged) throw new Error(`${title}: no whole ring around ${at.html}`);
    if (at.n !== undefined) order.push(Number(at.n));
    if (new Set(order).size === all) break;
  }
  const missing = all - new Set(order).size;
  if (missing > 0) throw new Error(`${title}: Tab does not come to ${missing} of ${all}`);
  const first = order.slice(order.indexOf(0));
  const sorted = first.toSorted((one, other) => one - other);
  if (first.join() !== sorted.join()) throw new Error(`${title}: Tab jumps: ${order.join()}`);
  // Out of a field, where digits and letters are text.
  if (place === "main") await b.page.keyboard.press("Escape");
}
