// Pages of a hub in every size they are read in. What must hold in each: nothing is wider than the
// window but tables, which scroll by themselves; whatever can be pressed is large enough, can be
// brought into the window and shows its focus.
import path from "node:path";

const THEMES = ["dark", "light"];
/** At 200 % a window of 1280 by 720 is laid out as one of half of both. */
const SIZES = [
  { name: "320", width: 320, height: 640, axe: ["dark"] },
  { name: "360", width: 360, height: 740, axe: [] },
  { name: "200_percent", width: 640, height: 360, axe: [] },
  { name: "1280", width: 1280, height: 720, axe: THEMES },
];
const FOR_DOCS = new Map([["auditor /pages/log", "hub_log"]]);

export class Pages {
  /** @param {import("./browser.mjs").ReviewBrowser} browser */
  constructor(browser) {
    this.browser = browser;
    /** What does not hold, one line each: a person reads all of it at once. */
    this.faults = [];
    /** Kinds of pages that were looked at, by whom. */
    this.seen = new Set();
    /** How many pages were looked at, in all sizes and themes. */
    this.looked = 0;
  }

  /** Look at one page of every kind that links lead to, from the front page on. */
  async walk(who) {
    const { page, origin } = this.browser;
    const waiting = [`${origin}/`, page.url()];
    while (waiting.length > 0) {
      const next = new URL(waiting.shift());
      const isFile = /\.(json|sig|css|svg|js)$/.test(next.pathname);
      if (!isFile) waiting.push(...(await this.visit(who, next.href)));
    }
  }

  /** Look at one page, unless one of its kind was seen already; returns where its links lead. */
  async visit(who, place) {
    const { page } = this.browser;
    const shape = new URL(place).pathname.replace(/[0-9a-f]{32,}|\d{4}-Q\d|\d+$/g, "*");
    const kind = shape === "/" ? shape : `${who} ${shape}`; // the front page is anybody's
    if (this.#knows(kind)) return [];
    if (page.url() !== place) await page.goto(place);
    await page.waitForLoadState("load"); // a form leads here too, and its style comes later
    await this.look(kind);
    await this.#forDocs(kind);
    return page.$$eval("main a[href], nav a[href]", (all) => all.map((one) => one.href));
  }

  /** A contributor's episodes are all looked at: each is in another state. */
  #knows(kind) {
    if (this.seen.has(kind) && !kind.startsWith("contributor /pages/mine/")) return true;
    this.seen.add(kind);
    return false;
  }

  /** Look at the page as it is now. */
  async look(name) {
    const { page } = this.browser;
    this.looked += 1;
    for (const { name: size, width, height, axe } of SIZES) {
      await page.setViewportSize({ width, height });
      for (const one of await page.evaluate(faultsOfPage)) {
        this.faults.push(`${name}, ${size}: ${one}`);
      }
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        if (axe.includes(colorScheme)) {
          for (const one of await this.browser.violations()) {
            this.faults.push(`${name}, ${size}, ${colorScheme}: ${JSON.stringify(one)}`);
          }
        }
        await this.#picture(`${name}_${size}_${colorScheme}`);
      }
    }
  }

  /** The pictures in docs/, where the test asked for them: an episode with its uses, and the log. */
  async #forDocs(kind) {
    const { page, plan } = this.browser;
    const isUsed = (await page.getByRole("region", { name: "Versions of data sets" }).count()) > 0;
    const name = isUsed ? "hub_episode" : FOR_DOCS.get(kind);
    if (plan.pictures === null || name === undefined) return;
    await page.setViewportSize({ width: 1000, height: isUsed ? 940 : 760 });
    await page.emulateMedia({ colorScheme: isUsed ? "light" : "dark", reducedMotion: "reduce" });
    await page.screenshot({ path: path.join(plan.pictures, `${name}.png`) });
  }

  async #picture(name) {
    const folder = this.browser.plan.given.pictures;
    if (typeof folder !== "string") return;
    const file = `${this.looked}_${name.replaceAll(/[^a-z0-9_]+/g, "-")}.png`;
    await this.browser.page.screenshot({ path: path.join(folder, file), fullPage: true });
  }
}

/** Runs in the page. Return what of it cannot be read or pressed in this window. */
function faultsOfPage() {
  const faults = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > globalThis.innerWidth) faults.push(`the page is ${scrollWidth} wide`);
  for (const one of document.querySelectorAll("a[href], button, input, .wide")) {
    one.focus({ focusVisible: true });
    if (document.activeElement !== one) faults.push(`${one.outerHTML.slice(0, 80)} takes no focus`);
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2)
      faults.push(`the focus does not show at ${one.outerHTML.slice(0, 80)}`);
    if (one.className === "wide") continue;
    one.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const { left, right, top, bottom } = one.getBoundingClientRect();
    if (
      left < -0.5 ||
      right > globalThis.innerWidth + 0.5 ||
      top < -0.5 ||
      bottom > globalThis.innerHeight + 0.5
    ) {
      faults.push(`${one.outerHTML.slice(0, 80)} is at ${left}..${right}, ${top}..${bottom}`);
    }
  }
  document.activeElement.blur();
  for (const one of document.querySelectorAll(".wide")) one.scrollTo(0, 0);
  globalThis.scrollTo(0, 0);
  return faults;
}
