// Runs one scenario in a browser: `node run.mjs PLAN.json`. Prints one JSON object; exit code 0 when
// the scenario came to its end. On a failure the last picture is kept as failure.png.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ReviewBrowser } from "./browser.mjs";

const plan = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { default: scenario } = await import(pathToFileURL(plan.scenario));
const browser = new ReviewBrowser(plan);
let said;
try {
  await browser.start();
  const result = (await scenario(browser, plan.given)) ?? {};
  browser.refuseStrays();
  said = { ok: true, result };
} catch (error) {
  said = { ok: false, error: String(error?.stack ?? error), told: browser.told };
  await browser.page?.screenshot({ path: path.join(plan.out, "failure.png") }).catch(() => {});
} finally {
  await browser.end();
}
process.stdout.write(`${JSON.stringify(said)}\n`);
process.exit(said.ok ? 0 : 1);
