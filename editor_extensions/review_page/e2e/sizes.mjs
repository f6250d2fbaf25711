// A screen in every size it is used in: narrow, half a screen, a whole one, and a whole one at
// 200 %. What must hold in each: nothing is wider than the window, every button can be brought into
// it whole and be pressed there, and it says what was recorded, and when.
import path from "node:path";

/** At 200 % a window of 1280 by 720 is laid out as one of half of both. */
const SIZES = [
  { name: "360", width: 360, height: 740, isForAxe: true },
  { name: "720", width: 720, height: 900, isForAxe: true },
  { name: "200_percent", width: 640, height: 360, isForAxe: false },
  { name: "1280", width: 1280, height: 720, isForAxe: true },
];
const THEMES = ["Dark", "Light"];

export class Sizes {
  /**
   * @param {import("./browser.mjs").ReviewBrowser} browser
   * @param {readonly string[]} origin what every screen says of the recording
   */
  constructor(browser, origin) {
    this.browser = browser;
    this.origin = origin;
    /** What does not hold, one line each: a person reads all of it at once. */
    this.faults = [];
    /** How many screens were looked at, in how many sizes and themes. */
    this.looked = 0;
  }

  /** Look at the screen as it is now in all sizes; the size at the end is the first one again. */
  async look(name, options = {}) {
    for (const { name: size, width, height, isForAxe } of SIZES) {
      await this.browser.page.setViewportSize({ width, height });
      const what = `${name}, ${size}`;
      await this.#measured(what, options);
      for (const theme of THEMES) {
        await this.#themed(theme);
        if (isForAxe) this.#note(`${what}, ${theme}`, await this.browser.violations());
        this.looked += 1;
        await this.#picture(`${name}_${size}_${theme.toLowerCase()}`);
      }
    }
    await this.#themed("Dark");
  }

  async #measured(what, { isDialog = false }) {
    const { page } = this.browser;
    this.#note(what, await page.evaluate(faultsOfPage, isDialog));
    if (isDialog) return;
    const said = await page.evaluate(
      () => document.querySelector("header.bar [data-origin]")?.innerText ?? "nothing",
    );
    for (const words of this.origin) {
      if (!said.includes(words)) this.#note(what, [`it says ${said}, and not ${words}`]);
    }
  }

  #note(what, found) {
    for (const one of found) {
      this.faults.push(`${what}: ${typeof one === "string" ? one : JSON.stringify(one)}`);
    }
  }

  /** By the button, wherever it is: behind a dialog nothing can be pressed. */
  async #themed(theme) {
    const { page } = this.browser;
    const wanted = theme.toLowerCase();
    const isNow = await page.evaluate(() => document.documentElement.dataset.theme);
    if (isNow === wanted) return;
    const button = page
      .locator("header.bar")
      .getByRole("button", { name: theme, includeHidden: true });
    await button.evaluate((one) => one.click());
    await this.browser.until(
      theme,
      (one) => document.documentElement.dataset.theme === one,
      wanted,
    );
  }

  async #picture(name) {
    const folder = this.browser.plan.given.pictures;
    if (typeof folder !== "string") return;
    await this.browser.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}

/** Runs in the page. Return what of it cannot be read or pressed in this window. */
function faultsOfPage(isDialog) {
  const faults = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > globalThis.innerWidth) faults.push(`the page is ${scrollWidth} wide`);
  const within = isDialog ? document.querySelector("dialog[open]") : document.body;
  // Before anything is scrolled: beside its window, or beside what it is listed in, nothing stands.
  const words = (one) =>
    (one.ariaLabel ?? one.innerText ?? "").replace(/\s+/g, " ").slice(0, 80) ||
    one.outerHTML.slice(0, 80);
  for (const one of within.querySelectorAll("button, select, input, textarea, summary, .pill")) {
    const { left, right, width } = one.getBoundingClientRect();
    if (width === 0 || !one.checkVisibility({ visibilityProperty: true })) continue;
    for (let place = one.parentElement; place !== null; place = place.parentElement) {
      if (getComputedStyle(place).overflowX === "visible") continue;
      const box = place.getBoundingClientRect();
      if (left >= box.left - 0.5 && right <= box.right + 0.5) continue;
      const [from, to] = [left, right].map(Math.round);
      const inside = `${place.className || place.tagName}, ${Math.round(box.left)}..${Math.round(box.right)}`;
      faults.push(`${one.tagName} "${words(one)}" stands at ${from}..${to} in ${inside}`);
      break;
    }
  }
  for (const one of within.querySelectorAll(
    ".sheet, .screen, dialog, .rv-check-list, .rv-check-one",
  )) {
    if (one.scrollWidth > one.clientWidth + 1) {
      faults.push(`${one.className || one.tagName} holds ${one.scrollWidth} in ${one.clientWidth}`);
    }
  }
  for (const one of within.querySelectorAll("button, select, input, textarea, summary, a[href]")) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    one.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const name = words(one);
    const { left, right, top, bottom, width } = one.getBoundingClientRect();
    if (width === 0) continue;
    const place = `${Math.round(left)}..${Math.round(right)}, ${Math.round(top)}..${Math.round(bottom)}`;
    if (
      left < -0.5 ||
      right > globalThis.innerWidth + 0.5 ||
      top < -0.5 ||
      bottom > globalThis.innerHeight + 0.5
    ) {
      faults.push(`${one.tagName} "${name}" is at ${place}`);
      continue;
    }
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const isOurs =
      hit !== null && (one.contains(hit) || (hit.contains(one) && hit.tagName === "LABEL"));
    if (!isOurs)
      faults.push(
        `${one.tagName} "${name}" at ${place} is under ${hit?.className || hit?.tagName}`,
      );
  }
  for (const one of within.querySelectorAll(
    ".sheet, .screen, .list-side, .shown-side, .rv-check-one",
  ))
    one.scrollTo(0, 0);
  globalThis.scrollTo(0, 0);
  const main = within.querySelector("main button.main, dialog button.main, main button.play");
  if (main !== null) {
    const { left, right } = main.getBoundingClientRect();
    if (left < 0 || right > globalThis.innerWidth)
      faults.push(`the main button is at ${left}..${right}`);
  }
  return faults;
}
