// Two windows on two folders of which one is enabled, an untitled document, bridges that are killed.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const RESTARTS = 5;

export default async function (w, given) {
  await w.file('one.py');
  await w.statusReads(/recording/);
  await w.type(`# one ${given.emoji}`);
  await w.save();

  await w.command('File: New Untitled Text File');
  await w.page.locator('.tab.active[data-resource-name^="Untitled"]').waitFor();
  await w.editor().click();
  await w.type(given.untitled);

  const other = await w.window();
  await other.file('two.py');
  await other.statusReads(/recording/);
  await other.type(`# two ${given.emoji}`);
  await other.save();
  await other.file('off.py');
  await other.type(`# ${given.elsewhere}`);
  await other.save();
  await other.picture('two_windows');
  await other.page.close();

  await w.file('one.py');
  for (let count = 0; count < RESTARTS; count += 1) {
    await killBridge(w);
    await w.until('the next bridge to record', () => bridges(w).some((pid) => hasJournal(w, pid)));
    await w.press('Control+End', 'Enter');
    await w.type(`# after ${count}`);
    await w.save();
  }
  await killBridge(w);
  await w.until('the end of restarts', async () => !/recording/.test(await w.status().innerText()));
  await w.toast('is not started again').waitFor();
  await w.picture('gave_up');
  return { status: await w.status().innerText() };
}

/** Kill the bridge of the one window that is open; wait until another one is there, or none comes. */
async function killBridge(w) {
  const [pid] = await w.until('one bridge', () => {
    const found = bridges(w);
    return found.length === 1 ? found : undefined;
  });
  process.kill(pid, 'SIGKILL');
  await w.until('it to end', () => !bridges(w).includes(pid));
}

/** Whether a bridge wrote down what it was given. */
function hasJournal(w, pid) {
  return w.journals().some((name) => path.basename(name).includes(`-${pid}-`));
}

/** Process ids of the bridges of this account. */
function bridges(w) {
  const mark = `HOME=${w.plan.env.HOME}`;
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const words = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        const environment = fs.readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        return words.includes('signoff_bridge') && environment.includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}
