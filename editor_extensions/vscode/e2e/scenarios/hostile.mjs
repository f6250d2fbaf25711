// A cloned folder whose settings wish to be recorded, and to choose the programs.
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
  await w.statusReads(/Signoff: off/);
}
