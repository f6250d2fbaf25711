// One day's work: enabled in the editor, typed, tested, committed, paused, forgotten, reloaded.
import fs from 'node:fs';
import path from 'node:path';
import { enable, forget, pause, resume } from '../presence.mjs';

export default async function (workbench, given) {
  const w = workbench;
  await w.statusReads(/Signoff/);
  if (given.asks !== false) await enable(w);

  // What is forgotten first, so that the rest of the day stays.
  await w.file('count.py');
  await w.statusReads(/recording/);
  await w.type(given.forgotten);
  await w.press('Control+Shift+k');
  await w.save();
  await w.statusReads(/recording \d+ steps?/);
  await forget(w);

  await w.command('Signoff: Set the task you work on');
  await w.answer('What are you going to do?', `count ${given.emoji}`);
  await w.editor().click();
  await w.press('Control+End', 'Enter');
  await w.type(`# ${given.emoji} typed`);
  await w.press('Control+z');
  await w.until('the undo', async () => !(await w.text()).includes('typed'));
  await w.press('Control+Shift+z');
  await w.shows(/typed/);
  await w.press('Enter');
  await w.paste(`# pasted ${given.emoji}`);
  await w.save();

  // Diagnostics appear and vanish; a rename and a formatter act.
  await w.file('greet.ts');
  await w.type('const n: number = "x";');
  await w.page.locator('.squiggly-error').first().waitFor();
  await w.journalled('signoff/diagnostics', 1);
  await w.press('Shift+Home', 'Delete');
  await w.page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  await w.journalled('signoff/diagnostics', 2);
  await w.press('Control+Home', ...Array(17).fill('ArrowRight'), 'F2');
  const box = w.page.locator('.rename-box input');
  await box.waitFor();
  await box.fill('salute');
  await w.press('Enter');
  await w.shows(/salute\("a"\)/);
  await w.command('Format Document');
  await w.shows(/return name;/);
  await w.save();

  // Commands that fail and pass, a test that is red and becomes green, a commit.
  await w.terminal();
  await w.shell('bash -c "exit 3"');
  await w.shell('ls count.py');
  await w.shell('pytest -q');
  await w.screenShows(/1 failed/);
  await w.file('count.py');
  await w.press('Control+Home', 'ArrowDown', 'End', 'Backspace');
  await w.type('len(items)');
  await w.save();
  await w.command('Terminal: Focus Terminal');
  await w.shell('pytest -q');
  await w.screenShows(/1 passed/);
  await w.shell('git commit -qam "count what is there"');
  await w.picture('terminal');

  // What is typed while paused is nowhere.
  await w.file('count.py');
  await pause(w);
  await w.picture('paused');
  await w.type(`# ${given.whilePaused}`);
  await w.press('Control+Shift+k');
  await w.save();
  await resume(w);

  await w.command('Signoff: Leave a note');
  await w.answer('What do you want to remember', `counted ${given.emoji}`);
  await w.command('Signoff: What has been captured');
  const entry = (words) => w.page.locator('.pane .monaco-list-row', { hasText: words }).first();
  const pane = (name) => w.page.locator('.pane-header', { hasText: name }).first();
  const files = () => w.command('View: Show Explorer');
  await entry('pytest -q').waitFor();
  for (const other of ['Today', 'Reviews']) await pane(other).click(); // the list gets their room
  await w.picture('captured');
  const runs = w.page.locator('.pane .monaco-list-row', { hasText: 'command: pytest -q' });
  await w.until('each command once', async () => (await runs.count()) === 2);
  await files();

  // A window loaded again goes on in the same session.
  await w.reload();
  await w.statusReads(/recording \d+ steps/);
  await w.file('count.py');
  await w.press('Control+End');
  await w.type(`# after ${given.emoji}`);
  await w.save();
  await w.command('Signoff: What has been captured');
  for (const words of ['commit: count what is there', 'note: counted', 'command: bash -c "exit 3" (exit 3)']) {
    await entry(words).waitFor();
  }
  await w.picture('captured_after_reload');
  await entry('in count.py').click();
  await w.page.locator('.tab.active', { hasText: 'count.py: ' }).waitFor();
  const now = w.page.locator('.editor.modified .view-lines');
  await w.until('the difference', async () => (await now.innerText()).includes('after'));
  await w.picture('captured_difference');

  // Today is a tree: a file shows what it was.
  await pane('Captured').click();
  await w.command('Signoff: Today');
  await entry('count what is there').waitFor();
  await w.picture('today');
  await entry(/^count\.py/).click();
  await w.page.locator('.tab.active', { hasText: '↔ now' }).waitFor();
  await files();

  // The session is over, the bridge asks, the review runs in a terminal of its own.
  await w.command('Signoff: End this session');
  await w.toast('Look').waitFor();
  await w.picture('prompt');
  await w.notice('Look', 'Later');
  await w.command('Signoff: Review in a terminal');
  await w.pick('not signed');
  await w.picture('reviewing');
  await w.screenShows(/nothing included/);
  await w.screenShows(/1 Tasks[^]*\[ \]/);
  await w.press('Enter');
  await w.screenShows(/\[included\]/);
  await w.picture('review');
  await w.press('4');
  await w.screenShows(/sha256[^]*SIGN this/);
  await w.press('ArrowDown', 'Enter');
  await w.screenShows(/Store it is for/);
  await w.type(given.store);
  await w.press('Enter');
  // Whose code it is was said in the editor; what is signed is said where it is signed.
  await w.screenShows(/^(?![^]*(Store it is for|\(say which\)))[^]*code +\(say whose\)/);
  await w.press(...Array(5).fill('ArrowDown'), 'Enter');
  await w.screenShows(/Whose code is it\?/);
  await w.press('Enter');
  await w.screenShows(/code +mine/);
  await w.press('End', 'Enter');
  await w.screenShows(/signed whole; read to its end/);
  await w.press('End');
  await w.screenShows(/nobody that you declined/);
  await w.press('q'); // not Escape, which the workbench may take for itself
  await w.screenShows(/You have not looked at/);
  await w.press('ArrowDown', 'Enter');
  await w.screenShows(/left open under To check|Sign it/);
  if (/left open under To check/.test(await w.screen())) await w.press('ArrowDown', 'Enter');
  await w.screenShows(/Sign it/);
  await w.press('ArrowDown', 'Enter');
  await w.screenShows(/integrity +good/);
  await w.until('the sign-off', () => signOffs(w) > 0);
  await w.picture('signed');
}

/** How many sign-offs lie in the account's home. */
function signOffs(w) {
  const episodes = path.join(w.plan.env.HOME, '.local/share/signoff/data/episodes');
  return fs.readdirSync(episodes).filter((name) => name.endsWith('.signoff.json.sig')).length;
}
