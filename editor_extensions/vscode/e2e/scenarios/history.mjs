// Text that was lost comes back from the history of its file; found text opens as it was.
import fs from 'node:fs';
import path from 'node:path';

export default async function (workbench, given) {
  const w = workbench;
  const file = path.join(w.plan.open, 'count.py');
  const onDisk = () => fs.readFileSync(file, 'utf8');
  const row = (words) => w.page.locator('.quick-input-list .monaco-list-row', { hasText: words }).first();

  await w.file('count.py');
  await w.statusReads(/recording/);
  await w.type(`# kept ${given.emoji}`);
  await w.save();
  const saved = onDisk();
  await w.press('Control+a', 'Delete');
  await w.until('an empty editor', async () => (await w.text()).trim() === '');
  await w.journalled('textDocument/didChange', 2);

  // Choosing shows the difference; only Enter and the question's second answer change the editor.
  await w.command('Signoff: History of this file');
  await row('saved').waitFor();
  await w.press('ArrowDown');
  await w.page.locator('.tab.active', { hasText: '↔ now' }).waitFor();
  const original = w.page.locator('.editor.original .view-lines');
  await w.until('the old state', async () => (await original.innerText()).includes('kept'));
  await w.picture('history');
  await w.press('Enter');
  await w.modal('Replace the unsaved text of count.py?').waitFor();
  await w.picture('question');
  await w.choose('Replace the unsaved text of count.py?', 'Replace');
  await w.says('count.py is as it was');
  await w.page.locator('.tab', { hasText: '↔ now' }).waitFor({ state: 'detached' });
  await w.shows(/kept/);
  if (onDisk() !== saved) throw new Error('the file was written');
  await w.editor().click();
  await w.press('Control+z');
  await w.until('the undo', async () => (await w.text()).trim() === '');
  await w.press('Control+Shift+z');
  await w.shows(/kept/);
  await w.save();
  if (onDisk() !== saved) throw new Error('what came back differs from what was saved');

  await w.command('Signoff: Find in my history');
  await w.answer('Text that is, or once was', 'kept');
  await row('kept').waitFor();
  await w.picture('find');
  await w.press('Enter');
  await w.page.locator('.statusbar-item', { hasText: /Ln 3, Col 1\b/ }).waitFor();
  await w.command('Signoff: Today');
  await w.page.locator('.pane .monaco-list-row', { hasText: 'count.py' }).first().waitFor();
  await w.picture('today');
  return { journals: w.journals().map((one) => fs.readFileSync(one, 'latin1').includes('signoff-history')) };
}
