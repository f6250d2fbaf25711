// Runs one scenario in a workbench: `node run.mjs PLAN.json`. Prints one JSON object; exit code 0
// when the scenario came to its end. On a failure the last picture is kept as failure.png.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Workbench } from './workbench.mjs';

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const { default: scenario } = await import(pathToFileURL(plan.scenario));
const workbench = new Workbench(plan);
const began = Date.now();
let said;
try {
  await workbench.start();
  const result = (await scenario(workbench, plan.given)) ?? {};
  if (workbench.strays.length > 0) throw new Error(`asked the network: ${workbench.strays[0]}`);
  said = { ok: true, result };
} catch (error) {
  said = { ok: false, error: String(error?.stack ?? error) };
  await workbench.page?.screenshot({ path: path.join(plan.out, 'failure.png') }).catch(() => {});
} finally {
  await workbench.end();
}
process.stdout.write(`${JSON.stringify({ ...said, seconds: (Date.now() - began) / 1000 })}\n`);
process.exit(said.ok ? 0 : 1);
