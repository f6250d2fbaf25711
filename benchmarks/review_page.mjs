// Measures the page in a real browser: review_page.mjs CHROMIUM PAGE... prints JSON lines.
// Started by review_page.py with the Node and playwright-core that .ci/review_page.sh installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cwd } from "node:process";

const { chromium } = createRequire(`${cwd()}/`)("playwright-core");
const [executablePath, ...pages] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const MOVES = 200;
const session = await browser.newBrowserCDPSession();

for (const file of pages) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto("about:blank");
  const before = await cpu();
  const opened = await opening(page, file);
  const found = { page: file, opened_ms: opened, opened_cpu_ms: (await cpu()) - before };
  if (!file.includes("output")) {
    Object.assign(found, await scrubbing(page), await searching(page));
  } else {
    Object.assign(found, await scrolling(page));
  }
  console.log(JSON.stringify({ ...found, memory_mb: await memory() }));
  await page.close();
}
await browser.close();

/** From the beginning of the navigation until the file is painted, by the page's own clock. */
async function opening(page, file) {
  await page.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (document.querySelector(".cm-line, .step-detail") === null) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.paintedAt = performance.now())));
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  await page.goto(`file://${file}`);
  await page.waitForFunction(() => window.paintedAt !== undefined);
  return page.evaluate(() => window.paintedAt);
}

/** Drag over the lanes; how many frames a second showed another state of a file. */
async function scrubbing(page) {
  const box = await page.locator(".lanes").boundingBox();
  await page.evaluate(() => {
    window.drawn = [];
    window.states = 0;
    const code = document.querySelector(".cm-content");
    new MutationObserver(() => window.states++).observe(code, { childList: true, subtree: true, characterData: true });
    const tick = (time) => {
      window.drawn.push(time);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.mouse.move(box.x + 120, box.y + 40);
  await page.mouse.down();
  const spent = await cpu();
  const began = Date.now();
  // One after the other: a browser joins moves that wait for a frame into one.
  for (let n = 0; n < MOVES; n++) {
    await page.mouse.move(box.x + 120 + ((n * 7) % (box.width - 140)), box.y + 40);
  }
  const took = (Date.now() - began) / 1000;
  await page.mouse.up();
  const { frames, states } = await page.evaluate(() => ({ frames: window.drawn, states: window.states }));
  const gaps = frames.slice(1).map((time, n) => time - frames[n]).sort((a, b) => a - b);
  return {
    scrub_moves_per_s: MOVES / took,
    scrub_states_per_s: states / took,
    scrub_cpu_ms_per_state: ((await cpu()) - spent) / states,
    scrub_frame_ms_p50: gaps[Math.floor(gaps.length / 2)],
    scrub_frame_ms_p99: gaps[Math.floor(gaps.length * 0.99)],
  };
}

/** From the last key of a query until the answer is painted. */
async function searching(page) {
  await page.keyboard.press("4");
  await page.waitForSelector("input[type=search]");
  const took = [];
  for (const query of ["import", "nowhere-to-be-found", "self"]) {
    took.push(
      await page.evaluate(async (text) => {
        const box = document.querySelector("input[type=search]");
        const screen = document.querySelector(".text-screen");
        const began = performance.now();
        const answered = new Promise((resolve) => {
          const watch = new MutationObserver(() => {
            const words = screen.textContent;
            if (!/\d places?|Nothing in this episode/.test(words)) return;
            watch.disconnect();
            requestAnimationFrame(() => setTimeout(resolve));
          });
          watch.observe(screen, { childList: true, subtree: true, characterData: true });
        });
        box.value = text;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        await answered;
        return performance.now() - began;
      }, query),
    );
  }
  return { search_ms: took };
}

/** Go to the output and to its end; the longest time the page did not draw. */
async function scrolling(page) {
  await page.evaluate(() => {
    window.longest = 0;
    let before = performance.now();
    const tick = (time) => {
      window.longest = Math.max(window.longest, time - before);
      before = time;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const began = Date.now();
  await page.keyboard.press("3");
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector(".output-line:nth-child(2)")?.textContent ?? ""));
  const shown = Date.now() - began;
  for (let n = 1; n <= 40; n++) {
    await page.evaluate((share) => {
      const box = document.querySelector(".shown-side .virtual");
      box.scrollTop = box.scrollHeight * share;
    }, n / 40);
    await page.waitForTimeout(20);
  }
  return { output_shown_ms: shown, longest_frame_ms: await page.evaluate(() => window.longest) };
}

/** CPU time of all pages' processes so far, workers included: on a busy machine it says more. */
async function cpu() {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter(({ type }) => type === "renderer");
  return pages.reduce((sum, { cpuTime }) => sum + cpuTime, 0) * 1000;
}

/** What the page's process holds by itself, workers included. */
async function memory() {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))?.[1] ?? 0));
  return Math.max(...sizes) / 1024;
}
