"""A small language server beside ours: writes down what it is told. Run as a script."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer


def main(log: Path) -> None:
    """Serve on standard input and output."""
    server = LanguageServer("other", "1")

    def note(params: types.DidChangeTextDocumentParams) -> None:
        with log.open("a") as file:
            row = [params.text_document.version, len(params.content_changes)]
            file.write(json.dumps(row) + "\n")

    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(note)
    server.start_io()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
