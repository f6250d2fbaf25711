// From a day's work to a sent episode without a terminal: list, page in a panel, signature, sending.
import fs from 'node:fs';

export default async function (w, given) {
  await w.file('count.py');
  await w.statusReads(/recording/);
  await w.command('Signoff: Set the task you work on');
  await w.answer('What are you going to do?', `count ${given.emoji}`);
  await w.editor().click();
  await w.press('Control+End');
  await w.type(`# counted ${given.emoji}`);
  await w.save();
  await w.journalled('textDocument/didChange', 5);

  // A click on the session that goes on ends nothing before it is said so.
  const row = (words) => w.page.locator('.pane .monaco-list-row', { hasText: words }).first();
  await w.command('Signoff: Reviews');
  await row('recording').click();
  await w.choose('End the session in project', 'Go on recording');
  await w.statusReads(/recording/);
  await row('recording').click();
  await w.choose('End the session in project', 'End and review');
  await w.page.locator('.tab.active', { hasText: `Review: count ${given.emoji}` }).waitFor();
  const page = w.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
  const screen = async (name) => {
    await page.locator('nav[aria-label="Screens"] button', { hasText: name }).click();
    await page.locator(`main[aria-label="${name}"]`).waitFor();
  };
  await page.getByRole('heading', { name: 'Included: nothing yet' }).waitFor();
  await w.picture('panel');
  await page.locator('[data-main]').first().focus();
  await w.press('k');
  await page.getByRole('heading', { name: 'Included: 1 task' }).waitFor();
  await screen('To check');
  await page.locator('[data-progress]').waitFor();
  for (;;) {
    const said = (await page.locator('[data-progress]').innerText()).match(/\d+/g) ?? ['0', '0'];
    if (said[0] === said[1]) break;
    await w.press('n', 'a');
    await page.locator('[data-progress]', { hasText: `${Number(said[0]) + 1} of` }).waitFor();
  }
  await screen('Sign');
  await page.getByRole('button', { name: 'Make the final file' }).click();
  await page.locator('[data-seen]').waitFor();
  await page.getByLabel('I sign what I did not open, unseen').check();
  await page.getByLabel('Store', { exact: true }).fill(given.store);
  await page.getByLabel('for research').check();
  await page.getByLabel('Whose code it is').selectOption('mine');
  await page.getByRole('button', { name: 'Sign these bytes' }).click();
  await page.getByRole('heading', { name: 'Signed', exact: true }).waitFor();
  await page.getByText('Send it in the list Reviews').waitFor();
  const code = await page.locator('[data-recovery]').innerText();
  const buttons = await page.locator('.rv-recovery button:visible').allInnerTexts();
  await w.picture('panel_signed');

  // Closing the panel ends the review. Nobody said that the recovery code is saved: it is shown.
  await w.command('View: Close Editor');
  await w.modal('Save your recovery code').getByText(code).waitFor();
  await w.picture('code');
  await w.choose('Save your recovery code', 'Copy');
  await w.says('the recovery code is copied');
  const copied = await w.page.evaluate(() => navigator.clipboard.readText());
  await row('not sent').waitFor();
  await row('not sent').hover();
  await w.picture('signed');
  await row('not sent').getByRole('button', { name: 'Send it' }).click();
  await w.choose('to file://', 'Send');
  await w.says('sent to file://');
  await row('sent to').waitFor();
  await w.picture('sent');

  const held = fs.readdirSync(new URL(given.store), { recursive: true });
  const listed = (await w.signoff('list', '--json')).split('\n').filter((line) => line !== '');
  const signed = listed.map((line) => JSON.parse(line)).find((one) => one.signed === true);
  await w.signoff('verify', signed.path);

  // Another program takes it back: the list says so while nobody touches the window.
  await w.signoff('withdraw', signed.id, '--yes');
  await row('withdrawn').waitFor();
  return { notified: w.notified, buttons, held, isCopied: copied === code };
}
