// CPU of the companion for a key, without VS Code: the events that one key makes are fired at it, and
// what it tells is serialised as the client does. Prints one JSON line. Run from the extension's folder.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const KEYS = 20_000;
const WARM = 2_000;
const KEYBOARD = 1;
const place = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const { outputFiles } = await build({
  stdin: {
    contents: `export * as vscode from "vscode"; export { observe } from "./src/observation";`,
    resolveDir: place('.'),
  },
  alias: { vscode: place('test/support/vscode.ts') },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const source = Buffer.from(outputFiles[0].text).toString('base64');
const { vscode, observe } = await import(`data:text/javascript;base64,${source}`);

/** The observers' clock: 20 keys in a second of it, so that none looks like a program's. */
let clockMs = 0;
performance.now = () => clockMs;
let bytes = 0;
const document = { uri: vscode.Uri.file('/p/long.py'), version: 1, languageId: 'python' };
const editor = { document, selections: [], visibleRanges: [] };
vscode.surroundings.activeEditor = editor;
vscode.surroundings.visibleEditors = [editor];
vscode.surroundings.documents = [document];
observe({
  notify: (method, params) => (bytes += JSON.stringify({ method, params }).length),
  request: () => Promise.resolve({}),
  onNotification: () => ({ dispose: () => undefined }),
  standing: { isRecording: true },
  onDidChangeStanding: () => ({ dispose: () => undefined }),
  context: { environmentVariableCollection: { clear: () => undefined } },
  isTold: () => true,
});

function key(column) {
  document.version += 1;
  clockMs += 50;
  const before = new vscode.Position(5_000, column);
  const after = new vscode.Position(5_000, column + 1);
  editor.selections = [new vscode.Selection(after, after)];
  editor.visibleRanges = [new vscode.Range(4_980, 0, 5_020, column % 40)];
  vscode.emitter('onDidChangeTextDocument').fire({
    document,
    contentChanges: [{ range: new vscode.Range(before, before), text: 'x' }],
  });
  vscode.emitter('onDidChangeTextEditorVisibleRanges').fire({ textEditor: editor });
  const selections = editor.selections;
  vscode.emitter('onDidChangeTextEditorSelection').fire({ textEditor: editor, selections, kind: KEYBOARD });
}

/** Ten keys at a time, so that timers run in between as they do under a person's hands. */
async function type(count) {
  for (let index = 0; index < count; index += 1) {
    key(index % 100);
    if (index % 10 === 9) await new Promise((done) => setTimeout(done, 1));
  }
}

await type(WARM);
const before = process.cpuUsage();
await type(KEYS);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ keys: KEYS, us: (user + system) / KEYS, bytes: bytes / (KEYS + WARM) })}\n`);
process.exit(0);
