// Acts whose truth is known. A note before each names it, so that the sealed steps between two notes
// are what the act did; tests/e2e/test_vscode_evidence.py compares.
export default async function evidence(w, { emoji }) {
  const { keyboard } = w.page;
  const suggestions = w.page.locator('.suggest-widget.visible .monaco-list-row');

  const note = (name, truth) => w.signoff('note', `${truth}: ${name}`);

  /** An act on a line of its own; the line break before it belongs to no act. */
  async function act(name, truth, play) {
    await w.press('Control+End', 'Enter');
    await note(name, truth);
    await play();
  }

  async function complete(name, prefix, label, key) {
    await act(`${name}: the prefix`, 'typed', () => w.type(prefix));
    await suggestions.filter({ hasText: label }).first().waitFor();
    await note(name, 'program');
    await w.press(key);
    await w.shows(new RegExp(label.slice(0, 5)));
  }

  await w.file('count.py');
  await w.type('# begun ');
  await w.statusReads(/recording \d+ steps?/);

  await act('words', 'typed', () => w.type('value = first plus second'));
  await act('characters outside the BMP', 'typed', async () => {
    for (const character of Array.from(emoji)) await keyboard.insertText(character);
    await w.type(' and more');
  });
  await act('brackets that close', 'typed', () => w.type('call(x)[0]'));
  await act('over a selection', 'typed', async () => {
    await w.type('abc');
    await w.press('Shift+Home');
    await w.type('d');
  });
  await act('several cursors', 'typed', async () => {
    await w.type('twin twin');
    await w.press('Control+d', 'Control+d');
    await w.type('z');
    await w.press('Escape', 'Escape');
  });
  await act('input method', 'composed', async () => {
    const client = await w.page.context().newCDPSession(w.page);
    const selection = { selectionStart: 1, selectionEnd: 1 };
    await client.send('Input.imeSetComposition', { ...selection, text: 'に' });
    await client.send('Input.insertText', { text: '日' });
    await client.detach();
    await w.shows(/日/);
  });
  await act('backspace, delete, tab', 'editor', async () => {
    await w.press('Tab', 'Backspace', 'Home', 'Delete');
  });
  await act('what will be undone', 'typed', () => w.type('undone'));
  await note('undo', 'undo');
  await w.press('Control+z');
  await note('redo', 'redo');
  await w.press('Control+y');

  await complete('completion by Enter', 'alph', 'alphabetical', 'Enter');
  await complete('completion by Tab', 'alph', 'alphabetical', 'Tab');
  await complete('completion with a snippet', 'omegas', 'omegasnip', 'Tab');
  await w.press('Escape');
  await act('completion by a commit character: the prefix', 'typed', () => w.type('gammam'));
  await suggestions.filter({ hasText: 'gammamethod' }).first().waitFor();
  await note('completion by a commit character', 'committed');
  await w.press('.');
  await w.shows(/gammamethod\./);
  await w.press('Escape');

  await act('paste', 'pasted', () => w.paste(`pasted words ${emoji}`));
  await act('paste of a line', 'pasted', async () => {
    await w.press('ArrowUp', 'Control+c', 'Control+v');
    await w.shows(/pasted words[^]*pasted words/);
  });
  await act('cut', 'program', () => w.press('ArrowUp', 'Control+x'));
  await act('rename', 'program', async () => {
    await w.press('Control+Home', ...Array(5).fill('ArrowRight'), 'F2');
    const box = w.page.locator('.rename-box input');
    await box.waitFor();
    await box.fill('renamed');
    await w.press('Enter');
    await w.shows(/def renamed/);
  });
  await act('format', 'program', async () => {
    await w.command('Format Document');
    await w.shows(/# formatted/);
  });
  await act('before it is formatted', 'typed', () => w.type('stop'));
  await note('format while typing', 'committed');
  await w.type(';');
  await w.shows(/ {2}stop;/);
  await act('comment toggled, line moved, indented', 'program', () =>
    w.press('Control+/', 'Alt+ArrowUp', 'Control+]'),
  );
  for (const [title, shown] of [
    ['Peer: Edit in an editor', /streamed/],
    ['Peer: Edit in the workspace', /applied/],
    ['Peer: Insert a snippet', /each one:/],
    ['Peer: Type all at once', /poured out all at once/],
  ]) {
    await act(title, 'program', async () => {
      await w.command(title);
      await w.shows(shown);
    });
    await w.press('Escape');
  }
  await act('Peer: Type key by key', 'not told apart', async () => {
    await w.command('Peer: Type key by key');
    await w.shows(/dictated/);
  });
  await note('the end', 'typed');
  await w.type('# ended');
  await w.save();
  await w.signoff('stop');
}
