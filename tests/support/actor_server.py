"""A language server that changes text when asked to. Run as a script by the actor scenarios."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

LABEL = "snippetted"
"""What completion offers; its text is a snippet with one place to fill in."""


def _top(text: str) -> types.TextEdit:
    start = types.Position(line=0, character=0)
    return types.TextEdit(range=types.Range(start=start, end=start), new_text=text)


def main() -> None:
    """Serve on standard input and output."""
    server = LanguageServer("actor", "1")

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def reformat(_params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        return [_top("  ")]

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def rename(params: types.RenameParams) -> types.WorkspaceEdit:
        return types.WorkspaceEdit(changes={params.text_document.uri: [_top(params.new_name)]})

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def act(params: types.CodeActionParams) -> list[types.CodeAction]:
        edit = types.WorkspaceEdit(changes={params.text_document.uri: [_top("fixed ")]})
        return [types.CodeAction(title="Fix it", kind=types.CodeActionKind.QuickFix, edit=edit)]

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    def complete(_params: types.CompletionParams) -> list[types.CompletionItem]:
        return [
            types.CompletionItem(
                label=LABEL,
                kind=types.CompletionItemKind.Snippet,
                insert_text="snippetted(${1:place})",
                insert_text_format=types.InsertTextFormat.Snippet,
            )
        ]

    server.start_io()


if __name__ == "__main__":
    main()
