// The window is loaded anew, with saved files, with unsaved text, and closed; scripts write meanwhile.
import fs from 'node:fs';
import path from 'node:path';

export default async function (w, given) {
  const states = {};
  const write = (name, text) => fs.writeFileSync(path.join(w.plan.open, name), text);
  const find = async (words) => rows(await w.signoff('find', words, '--json'));
  const told = (words) => w.until(`${words} to be found`, async () => (await find(words)).length > 0);
  const keep = async (name, words) => {
    states[name] = {
      unsaved: rows(await w.signoff('today', '--json')).flatMap((row) =>
        row.unsaved.map((one) => one.path),
      ),
      found: (await find(words)).map((row) => [row.path, row.deleted]).sort(),
    };
  };

  for (const name of ['a.py', 'b.py', 'c.py']) {
    await w.file(name);
    await w.statusReads(/recording/);
    await w.type(`# kept ${given.emoji}\n`);
    await w.save();
  }
  await w.file('never.py');
  await told('kept');
  await w.reloadByCommand();
  await w.statusReads(/recording/);
  await keep('reloaded', 'kept');
  write('a.py', 'quokka = 1\n');
  write('never.py', 'quokka = 2\n');
  await w.until('both to be found', async () => (await find('quokka')).length > 1);
  await keep('written', 'quokka');

  await w.file('b.py');
  await w.press('Control+End');
  const unsaved = `# wombat ${given.emoji}`;
  await w.type(unsaved);
  await told('wombat');
  await w.backedUp(unsaved);
  await w.reloadByCommand();
  await w.statusReads(/recording/);
  await w.shows(/wombat/);
  await w.until('it to be open again', async () => (await find('wombat')).some((row) => !row.deleted));
  await keep('unsaved', 'wombat');
  await w.page.close();
  return states;
}

function rows(said) {
  return said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
