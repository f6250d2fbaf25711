// Before a file is open: what the status bar, the open page and the first steps say of an opt-in.
import { enable } from '../presence.mjs';

export default async function (w) {
  await w.statusReads(/Signoff/);
  await w.command('Signoff: What is recorded');
  await w.shows(/is not enabled/);
  await w.command('Signoff: First steps');
  await w.page.locator('.getting-started-step', { hasText: 'Take it back' }).waitFor();
  const steps = await w.page.locator('.getting-started-step .step-title').allInnerTexts();
  await w.page.locator('.tab', { hasText: 'What is recorded' }).first().click();
  await w.editor().click(); // the first steps take keys for themselves
  await enable(w);
  await w.statusReads(/idle/);
  await w.shows(/is recorded/);
  await w.picture('page');
  await w.signoff('disable');
  await w.command('Signoff: End this session');
  await w.statusReads(/off/);
  return { steps };
}
