// A real browser with the review page, used as a person uses it: keys, clicks, what is shown. The
// network is taken away: whatever is asked of anything but the page's own server fails the test.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

/** How long anything may take before it counts as broken; generous on purpose. */
const LIMIT_MS = Number(process.env.SIGNOFF_TEST_DEADLINE_S ?? 60) * 1000;
/** Screens that docs/ shows in both themes. */
const IN_LIGHT_TOO = new Set(["overview", "sign"]);
/** Words that no screen says; sources are searched for them by tests/test_screen_words.py. */
const OLD_WORDS = JSON.parse(
  fs.readFileSync(new URL("old_words.json", import.meta.url), "utf8"),
).map((one) => new RegExp(one));
const SIZE = { width: 1280, height: 720 };

/**
 * @typedef {object} Plan what `tests/support/review_browser.py` prepared
 * @property {string} tools folder made by .ci/review_page.sh
 * @property {string} out where the profile and pictures go
 * @property {string | null} pictures folder that keeps the pictures, or null
 * @property {string} address the one-time address of the page, or that of a page on disk
 * @property {string} scenario the file to run
 * @property {Record<string, unknown>} given what the test hands to its scenario
 */

export class ReviewBrowser {
  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.origin = new URL(plan.address).origin;
    /** Whether it is a page from disk, which may ask for itself and for nothing else. */
    this.isFile = plan.address.startsWith("file:");
    this.require = createRequire(path.join(plan.tools, "package.json"));
    /** Requests that went anywhere else, dialogs, script errors: each fails the test. */
    this.strays = [];
    /** What the page wrote to its console. */
    this.told = [];
    /** Bodies that the page sent, by method and path. */
    this.sent = [];
    this.bearer = "";
  }

  /** Start the browser and open the page at its one-time address. */
  async start() {
    this.context = await this.require("playwright-core").chromium.launchPersistentContext(
      path.join(this.plan.out, "browser"),
      {
        executablePath: "/usr/bin/chromium",
        headless: true,
        viewport: SIZE,
        colorScheme: "dark",
        reducedMotion: "reduce",
        deviceScaleFactor: 1,
        args: [
          // Whatever is no loopback address goes to a proxy that is not there.
          "--proxy-server=http://127.0.0.1:9",
          "--proxy-bypass-list=127.0.0.1",
          "--disable-background-networking",
          "--disable-component-update",
          "--no-first-run",
          "--no-sandbox",
          "--font-render-hinting=none",
        ],
      },
    );
    this.context.setDefaultTimeout(LIMIT_MS);
    await this.context.route("**/*", (route) => this.#pass(route));
    this.page = await this.opened(this.plan.address);
    const screen = this.isFile ? "Timeline" : "Tasks";
    const first = this.plan.given.first ?? `main[aria-label="${screen}"]`;
    await this.page.locator(first).waitFor();
  }

  /** A page at an address, watched. */
  async opened(address) {
    const page = await this.context.newPage();
    page.on("dialog", (dialog) => {
      this.strays.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => this.strays.push(`a fault in the page: ${error}`));
    page.on("console", (line) => {
      this.told.push(line.text());
      if (/Content Security Policy/i.test(line.text())) this.strays.push(line.text());
    });
    await page.goto(address);
    return page;
  }

  async #pass(route) {
    const request = route.request();
    const url = new URL(request.url());
    const isOurs =
      url.origin === this.origin &&
      (url.protocol !== "file:" || request.url() === this.plan.address);
    // A page of another server may be gone to where a scenario says so; what it asks for is its own.
    const other = this.plan.given.other;
    if (other !== undefined && url.origin === other) return route.continue();
    if (other !== undefined && request.frame().url().startsWith(`${other}/`) && !isOurs) {
      return route.abort();
    }
    if (!isOurs) {
      this.strays.push(`asked ${request.url().slice(0, 200)}`);
      await route.abort();
      return;
    }
    const bearer = request.headers()["authorization"];
    if (bearer !== undefined) this.bearer = bearer;
    const body = request.postData();
    if (body !== null) this.sent.push({ method: request.method(), path: url.pathname, body });
    await route.continue();
  }

  /** Fail when the page did anything that it must not do. */
  refuseStrays() {
    if (this.strays.length > 0) throw new Error(`the page must not: ${this.strays.join("\n")}`);
  }

  /** Ask the page's server as another window with the same token would. */
  async ask(method, where, body) {
    const answer = await fetch(`${this.origin}${where}`, {
      method,
      headers: { Authorization: this.bearer, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, json: await answer.json().catch(() => null) };
  }

  /** Go to a screen by its button, and wait until it is the one that is open. */
  async screen(title) {
    const button = this.page.locator(`nav[aria-label="Screens"] button`, { hasText: title });
    await button.click();
    await this.page.locator(`main[aria-label="${title}"]`).waitFor();
  }

  /** A button by its words. */
  button(name, within = this.page) {
    return within.getByRole("button", { name });
  }

  /** Make the final file of the task, and choose the least with which it can be signed. */
  async toBeSigned(store) {
    await this.button("Make the final file").click();
    await this.chooseTerms(store);
  }

  /** Choose the least with which the final file can be signed; what was not opened, unseen. */
  async chooseTerms(store) {
    await this.page.locator("[data-seen]").waitFor();
    await this.page.getByLabel("I sign what I did not open, unseen").check();
    await this.page.getByLabel("Store", { exact: true }).fill(store);
    await this.page.getByLabel("for research").check();
    await this.page.getByLabel("Whose code it is").selectOption("mine");
  }

  /** Wait until what has the focus says this; fails with what has it. */
  async focused(text) {
    try {
      await this.page.waitForFunction((wanted) => {
        const one = document.activeElement;
        return one !== document.body && one?.innerText.replace(/\s+/g, " ").startsWith(wanted);
      }, text);
    } catch {
      const at = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
      throw new Error(`the focus is not at ${text}, but at ${at}`);
    }
  }

  /** Press a button by the keyboard alone. */
  async enter(button) {
    await button.focus();
    await this.page.keyboard.press("Enter");
  }

  /** Wait until a condition that is asked for in the page holds. */
  async until(what, condition, argument) {
    try {
      await this.page.waitForFunction(condition, argument);
    } catch (error) {
      throw new Error(`never came: ${what} (${error})`);
    }
  }

  /** Wait until the page says this to a screen reader. */
  async heard(text) {
    await this.page
      .locator(`[role="status"]`, { hasText: text })
      .first()
      .waitFor({ state: "attached" });
  }

  /** What a person sees of a place, one string. */
  async text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  /**
   * Look at the screen as it is with axe, in both themes, and keep a picture of it: no violation,
   * and nothing wider than the window. From its top, or from a place in it.
   */
  async look(name, place = null) {
    if (place === null) {
      await this.page.evaluate(() => document.querySelector(".sheet")?.scrollTo(0, 0));
    } else {
      await place.evaluate((one) => one.scrollIntoView({ block: "start" }));
    }
    for (const theme of ["Dark", "Light"]) {
      const isNow = await this.page.evaluate(() => document.documentElement.dataset.theme);
      if (isNow !== theme.toLowerCase()) {
        await this.page.locator("header.bar").getByRole("button", { name: theme }).click();
        await this.until(
          theme,
          (one) => document.documentElement.dataset.theme === one,
          theme.toLowerCase(),
        );
      }
      await this.#words(name);
      const found = await this.violations();
      if (found.length > 0) {
        throw new Error(`axe, ${name}, ${theme}: ${JSON.stringify(found, undefined, 1)}`);
      }
      const wide = await this.page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > SIZE.width) throw new Error(`${name} is ${wide} wide`);
      if (theme === "Dark" || IN_LIGHT_TOO.has(name)) {
        await this.picture(`${name}_${theme.toLowerCase()}`);
      }
    }
    await this.page.locator("header.bar").getByRole("button", { name: "Dark" }).click();
  }

  /** A dialog or anything else as it is now, with axe. */
  async check(name) {
    await this.#words(name);
    const found = await this.violations();
    if (found.length > 0) throw new Error(`axe, ${name}: ${JSON.stringify(found, undefined, 1)}`);
  }

  /** Fail when the screen says a word that stops an engineer. The notice is left out: its words are
   *  those that are signed, and change only with its version. */
  async #words(name) {
    const shown = await this.page.evaluate(() => {
      const notice = document.querySelector(".rv-notice-text")?.innerText ?? "";
      return document.body.innerText.replace(notice, "");
    });
    const found = OLD_WORDS.map((one) => one.exec(shown)?.[0]).filter(Boolean);
    if (found.length > 0) throw new Error(`${name} says: ${found.join(", ")}`);
  }

  /** What axe finds. It runs in a world of its own: the page's content policy stays as it is. */
  async violations() {
    if (this.axe === undefined) {
      this.axe = fs.readFileSync(this.require.resolve("axe-core/axe.min.js"), "utf8");
    }
    if (!(await this.page.evaluate(() => "axe" in globalThis))) await this.page.evaluate(this.axe);
    return this.page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`),
      }));
    });
  }

  /** Keep a picture, where the test asked for it. */
  async picture(name) {
    if (this.plan.pictures === null) return;
    await this.page.screenshot({
      path: path.join(this.plan.pictures, `review_${name}.png`),
      animations: "disabled",
      caret: "hide",
    });
  }

  async end() {
    await this.context?.close().catch(() => {});
  }
}
