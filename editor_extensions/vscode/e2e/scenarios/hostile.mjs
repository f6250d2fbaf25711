// A cloned folder whose settings wish to be recorded, and to choose the programs; an extension that
// tries to consent for the person.
export default async function (w) {
  await w.file('count.py');
  await w.statusReads(/Signoff: off/);
  await w.type('# typed while off');
  await w.save();
  await w.terminal();
  await w.shell('true');
  await w.status().click();
  await w.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
  await w.picture('menu');
  await w.press('Escape');
  await w.command('Peer: consent for the person');
  await w.modal('Recorded for 30 days').waitFor();
  await w.picture('modal');
  await w.press('Enter');
  await w.modal('Recorded for 30 days').waitFor({ state: 'hidden' });
  await w.statusReads(/Signoff: off/);
}
