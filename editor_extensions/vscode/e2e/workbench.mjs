// A real workbench in a headless browser, driven as a person drives it: keys, clicks, what is shown.
// Every wait is for something that appears; there are no pauses for their own sake.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** How long anything may take before it counts as broken; generous on purpose. */
const LIMIT_MS = Number(process.env.SIGNOFF_TEST_DEADLINE_S ?? 60) * 1000;

/**
 * @typedef {object} Plan what `tests/support/vscode.py` prepared
 * @property {string} tools folder made by .ci/vscode.sh
 * @property {string} out where logs and pictures go
 * @property {string} open folder or .code-workspace file to open
 * @property {string} launcher the `signoff` program
 * @property {string} scenario the file to run
 * @property {Record<string, string>} env of the server: HOME, SIGNOFF_HOME, PATH and little else
 * @property {Record<string, unknown>} given what the test hands to its scenario
 */

export class Workbench {
  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.strays = [];
    /** The words of every notification that was shown, over all loads and windows. */
    this.notified = [];
    this.pictures = 0;
  }

  /** Start the server and a browser, and open the plan's folder. */
  async start() {
    const { plan } = this;
    this.port = await freePort();
    const log = (name) => fs.openSync(path.join(plan.out, name), 'a');
    this.server = spawn(
      path.join(plan.tools, 'bin', 'node'),
      [
        path.join(plan.tools, 'node_modules/code-server/out/node/entry.js'),
        '--auth=none',
        `--bind-addr=127.0.0.1:${this.port}`,
        '--disable-telemetry',
        '--disable-update-check',
        ...(plan.given.trust === true ? [] : ['--disable-workspace-trust']),
        '--disable-getting-started-override',
      ],
      { env: plan.env, cwd: plan.env.HOME, stdio: ['ignore', log('server.log'), log('server.err')] },
    );
    await this.until('the server to answer', () =>
      fetch(`http://127.0.0.1:${this.port}/healthz`).then((answer) => answer.ok, () => false),
    );
    const require = createRequire(path.join(plan.tools, 'package.json'));
    this.context = await require('playwright-core').chromium.launchPersistentContext(
      path.join(plan.out, 'browser'),
      {
        executablePath: '/usr/bin/chromium',
        headless: true,
        viewport: { width: 1280, height: 800 },
        permissions: ['clipboard-read', 'clipboard-write'],
        env: { ...process.env, HOME: path.join(plan.out, 'browser') },
        args: [
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--disable-dev-shm-usage',
        ],
      },
    );
    this.context.setDefaultTimeout(LIMIT_MS);
    const browserLog = fs.createWriteStream(path.join(plan.out, 'browser.log'));
    this.context.on('console', (message) => browserLog.write(`${message.type()} ${message.text()}\n`));
    this.context.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(http|ws)s?:$/.test(url.protocol) && url.hostname !== '127.0.0.1') {
        this.strays.push(request.url());
      }
    });
    await this.context.exposeFunction('signoffNotified', (text) => this.notified.push(text));
    await this.context.addInitScript(noteNotifications);
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    await this.open(plan.open);
  }

  /** Open a folder or a workspace file in the window, as its address names it. */
  async open(folder) {
    const name = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
    await this.page.goto(`http://127.0.0.1:${this.port}/?${name}=${encodeURIComponent(folder)}`);
    await this.ready();
  }

  /** Load the window again, as "Developer: Reload Window" does. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /** Load the window anew as the command does: which editors are open, and unsaved text, is kept. */
  async reloadByCommand() {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /**
   * Wait until VS Code's own backup holds unsaved text. It writes one about a second after the last
   * key; before that a person who leaves is asked by the browser, and who leaves still loses it.
   */
  async backedUp(words) {
    const folder = path.join(this.plan.env.HOME, '.local/share/code-server/User/Backups');
    await this.until(`a backup of ${words}`, () =>
      filesBelow(folder).some((file) => fs.readFileSync(file, 'utf8').includes(words)),
    );
  }

  async ready() {
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor();
    await this.page.locator('.monaco-list-row').first().waitFor();
  }

  /** Open one more window of the same server; it is another Workbench that shares all else. */
  async window(folder = this.plan.open) {
    const other = Object.create(this);
    other.page = await this.context.newPage();
    await other.open(folder);
    return other;
  }

  async end() {
    await this.context?.close().catch(() => {});
    const { server } = this;
    if (server !== undefined && server.exitCode === null) {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
    }
  }

  /** Wait until a condition gives something true, and return it. */
  async until(what, condition, limitMs = LIMIT_MS) {
    const end = Date.now() + limitMs;
    for (;;) {
      const value = await condition();
      if (value) return value;
      if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Keep a picture of the window; pictures are numbered in the order they are taken. */
  async picture(name) {
    this.pictures += 1;
    const number = String(this.pictures).padStart(2, '0');
    await this.page.screenshot({ path: path.join(this.plan.out, `${number}_${name}.png`) });
  }

  /** Run a command of the palette by the words it is listed with. */
  async command(words) {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type=text]');
    await input.waitFor({ state: 'visible' });
    await input.fill(`>${words}`);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: words }).first();
    await row.waitFor();
    await row.click();
  }

  /** Choose in a quick pick that is open. */
  async pick(words) {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: words }).first().click();
  }

  /** Answer an input box that asks this, once it is there: the palette's own is gone by then. */
  async answer(words, text) {
    const widget = this.page.locator('.quick-input-widget', { hasText: words });
    await widget.waitFor();
    const input = widget.locator('input[type=text]');
    await this.until('the input box', async () => (await input.inputValue()) === '');
    await input.fill(text);
    await this.page.keyboard.press('Enter');
    await widget.waitFor({ state: 'hidden' });
  }

  /** Open a file that lies at the top of the folder, and put the cursor at its end. */
  async file(name) {
    const tab = this.page.locator(`.tab[data-resource-name="${name}"]`);
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    await ((await tab.count()) > 0 ? tab.first().click() : row.first().dblclick());
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor().locator('.view-line').first().waitFor();
    await this.editor().click();
    await this.page.keyboard.press('Control+End');
  }

  editor() {
    return this.page.locator('.editor-group-container.active .editor-instance .view-lines').first();
  }

  /** The lines of the active editor that are in view. */
  async text() {
    const lines = await this.editor()
      .locator('.view-line')
      .evaluateAll((rows) =>
        rows
          .map((row) => ({ top: Number.parseFloat(row.style.top), text: row.textContent ?? '' }))
          .sort((first, second) => first.top - second.top)
          .map((row) => row.text),
      );
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  async shows(pattern) {
    await this.until(`the editor to show ${pattern}`, async () => pattern.test(await this.text()));
  }

  /** Put a text on the clipboard and paste it. */
  async paste(text) {
    await this.page.evaluate((given) => navigator.clipboard.writeText(given), text);
    await this.press('Control+v');
    await this.until('the pasted text', async () => (await this.text()).includes(text));
  }

  /** Type as a person does, key by key. */
  async type(text) {
    await this.page.keyboard.type(text, { delay: 20 });
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async save() {
    await this.press('Control+s');
    await this.page.locator('.tab.active:not(.dirty)').waitFor();
  }

  /** Our entry in the status bar. */
  status() {
    return this.page.locator('.statusbar-item[id^="signoff.signoff-vscode"]').first();
  }

  /** Wait until our entry in the status bar reads like this. */
  async statusReads(pattern) {
    await this.until(`the status bar to read ${pattern}`, async () => {
      const text = await this.status().innerText({ timeout: LIMIT_MS });
      return pattern.test(text);
    });
  }

  /** A notification with these words. */
  toast(words) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: words }).first();
  }

  /** Wait for what the status bar says for a while. */
  async says(words) {
    await this.page.locator('.statusbar-item', { hasText: words }).first().waitFor();
  }

  /** Press a button of a notification. */
  async notice(words, button) {
    const toast = this.toast(words);
    await toast.waitFor();
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  /** Close the notifications that are shown. */
  async notices() {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notifications-toasts.visible').waitFor({ state: 'detached' });
  }

  /** A modal dialog with these words. */
  modal(words) {
    return this.page.locator('.monaco-dialog-box', { hasText: words }).first();
  }

  async choose(words, button) {
    const modal = this.modal(words);
    await modal.waitFor();
    await modal.getByRole('button', { name: button, exact: true }).click();
    await modal.waitFor({ state: 'hidden' });
  }

  /** What the terminal shows that has the focus. */
  async screen() {
    const rows = await this.page
      .locator('.xterm.focus .xterm-rows > div')
      .allInnerTexts();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  async screenShows(pattern) {
    await this.until(`the terminal to show ${pattern}`, async () =>
      pattern.test(await this.screen()),
    );
  }

  /** Answer a question that a program in the active terminal ends its output with. */
  async reply(question, answer) {
    await this.until(`the question ${question}`, async () =>
      question.test((await this.screen()).trimEnd()),
    );
    await this.page.keyboard.type(answer);
    await this.page.keyboard.press('Enter');
  }

  /** How many prompts the shells of this account have drawn; `.bashrc` counts them. */
  prompts() {
    const file = path.join(this.plan.env.HOME, '.prompts');
    return fs.existsSync(file) ? fs.statSync(file).size : 0;
  }

  /** Open a terminal and wait for its prompt, and for shell integration to have taken over. */
  async terminal(hasIntegration = true) {
    const before = this.prompts();
    await this.command('Terminal: Create New Terminal');
    await this.until('a first prompt', () => this.prompts() > before);
    await this.page.locator('.xterm.focus').first().waitFor();
    if (!hasIntegration) return;
    await this.page.locator('.xterm.focus .terminal-command-decoration').first().waitFor();
  }

  /** Run a line in the active terminal; wait until the next prompt has come. */
  async shell(line) {
    const before = this.prompts();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press('Enter');
    await this.until(`the prompt after ${line}`, () => this.prompts() > before);
    await this.screenShows(/^\$$/m);
  }

  /** The journals that were written so far. */
  journals() {
    const sessions = path.join(this.plan.env.HOME, '.local/share/signoff/state/sessions');
    return filesBelow(sessions).filter((file) => file.endsWith('.journal'));
  }

  /** Wait until a message of this name was written down so many times. */
  async journalled(message, count) {
    await this.until(`${count} of ${message} in the journal`, () => {
      const texts = this.journals().map((file) => fs.readFileSync(file, 'latin1'));
      return texts.join('').split(message).length > count;
    });
  }

  /** Run a verb of ours and return what it printed on stdout. */
  async signoff(...argv) {
    const { stdout } = await runFile(this.plan.launcher, argv, {
      env: this.plan.env,
      cwd: this.plan.open.endsWith('.code-workspace') ? path.dirname(this.plan.open) : this.plan.open,
      maxBuffer: 1 << 28,
    });
    return stdout;
  }
}

/** In the page: tell of every notification as soon as it has words. */
function noteNotifications() {
  const seen = new WeakSet();
  const look = () => {
    for (const one of document.querySelectorAll('.notification-toast .notification-list-item')) {
      const words = one.querySelector('.notification-list-item-message')?.textContent ?? '';
      if (words === '' || seen.has(one)) continue;
      seen.add(one);
      window.signoffNotified(words);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

/** Every file below a folder, at any depth; none where there is no folder yet. */
function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = net.createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
