// What is said of an opt-in before a file is open, and how often we speak up in a day of work.
import { enable } from '../presence.mjs';

export default async function (w, given) {
  await w.statusReads(/Signoff/);
  await w.command('Signoff: What is recorded');
  await w.shows(/is not enabled/);
  await w.command('Signoff: First steps');
  await w.page.locator('.getting-started-step', { hasText: 'take it back' }).waitFor();
  await w.picture('first_steps');
  const steps = await w.page.locator('.getting-started-step .step-title').allInnerTexts();
  await w.page.locator('.tab', { hasText: 'What is recorded' }).first().click();
  await w.editor().click(); // the first steps take keys for themselves
  await enable(w);
  await w.statusReads(/idle/);
  await w.shows(/is recorded/);
  await w.picture('page');
  await w.command('View: Close All Editors');

  // A day of work, with three loads of the window: nothing speaks up by itself.
  const loads = [];
  await w.reloadByCommand();
  await w.statusReads(/idle/); // also before a file is open
  for (let load = 0; load < 3; load += 1) {
    await w.file('a.py');
    await w.statusReads(/recording|idle/);
    await w.type(`# edit ${load} ${given.emoji}\n`);
    await w.save();
    await w.statusReads(/recording \d+ steps/);
    const before = w.notified.length;
    await w.reloadByCommand();
    await w.statusReads(/recording/);
    loads.push(w.notified.length - before);
  }
  await w.status().hover();
  await w.page.locator('.monaco-hover', { hasText: 'you confirmed it in vscode' }).waitFor();
  await w.picture('hover');
  await w.file('a.py');
  await w.press('Control+a', 'Delete');
  await w.save();
  await w.command('Signoff: History of this file');
  await w.page.locator('.quick-input-list .monaco-list-row', { hasText: 'were deleted' }).first().waitFor();
  await w.press('ArrowDown');
  await w.page.locator('.tab.active', { hasText: '↔ now' }).waitFor();
  await w.picture('history');
  await w.press('Enter');
  await w.says('a.py is as it was');
  await w.save();
  await w.command('Signoff: End this session');
  await w.notice('kept by Signoff', 'Later');
  await w.page.locator('.notifications-toasts.visible').waitFor({ state: 'detached' });
  const notified = [...w.notified];

  await w.signoff('disable');
  await w.command('Signoff: End this session');
  await w.statusReads(/off/);
  return { steps, loads, notified };
}
