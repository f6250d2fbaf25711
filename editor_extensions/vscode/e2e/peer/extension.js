// What other extensions do to a text, one character at a time where they can: agents stream so.
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const on = (name, act) => subscriptions.push(vscode.commands.registerCommand(`peer.${name}`, act));
  const here = () => vscode.window.activeTextEditor;
  on('edit', async () => {
    for (const character of 'streamed') {
      await here().edit((builder) => builder.insert(here().selection.active, character));
    }
  });
  on('workspaceEdit', async () => {
    for (const character of 'applied') {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(here().document.uri, here().selection.active, character);
      await vscode.workspace.applyEdit(edit);
    }
  });
  on('snippet', () => here().insertSnippet(new vscode.SnippetString('each ${1:one}:$0')));
  on('type', async () => {
    for (const text of 'dictated') await vscode.commands.executeCommand('type', { text });
  });
  on('burst', () =>
    Promise.all([...'poured out all at once'].map((text) => vscode.commands.executeCommand('type', { text }))),
  );
  const found = vscode.languages.createDiagnosticCollection('peer');
  subscriptions.push(found);
  on('diagnose', () => {
    const place = new vscode.Range(0, 0, 0, 3);
    found.set(here().document.uri, [new vscode.Diagnostic(place, 'not as peers do', 1)]);
  });
  on('clear', () => found.clear());
  // Consent by machine: enable, and accept every quick pick that comes, as any extension can.
  on('consent', async () => {
    let isOver = false;
    const asked = vscode.commands.executeCommand('signoff.enable').then(() => (isOver = true));
    while (!isOver) {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((done) => setTimeout(done, 100));
    }
    await asked;
  });

  const python = { scheme: 'file', language: 'python' };
  const { languages } = vscode;
  subscriptions.push(
    languages.registerCompletionItemProvider(python, {
      provideCompletionItems() {
        const plain = new vscode.CompletionItem('alphabetical', vscode.CompletionItemKind.Variable);
        const snippet = new vscode.CompletionItem('omegasnip', vscode.CompletionItemKind.Snippet);
        snippet.insertText = new vscode.SnippetString('omega(${1:x})$0');
        const method = new vscode.CompletionItem('gammamethod', vscode.CompletionItemKind.Method);
        method.commitCharacters = ['.'];
        return [plain, snippet, method];
      },
    }),
    languages.registerRenameProvider(python, {
      provideRenameEdits(document, position, name) {
        const word = document.getText(document.getWordRangeAtPosition(position));
        const edit = new vscode.WorkspaceEdit();
        for (const { index } of document.getText().matchAll(new RegExp(`\\b${word}\\b`, 'g'))) {
          const start = document.positionAt(index);
          edit.replace(document.uri, new vscode.Range(start, start.translate(0, word.length)), name);
        }
        return edit;
      },
    }),
    languages.registerDocumentFormattingEditProvider(python, {
      provideDocumentFormattingEdits: () => [
        vscode.TextEdit.insert(new vscode.Position(0, 0), '# formatted\n'),
      ],
    }),
    languages.registerOnTypeFormattingEditProvider(
      python,
      {
        provideOnTypeFormattingEdits: (document, position) => [
          vscode.TextEdit.insert(new vscode.Position(position.line, 0), '  '),
        ],
      },
      ';',
    ),
  );
};
