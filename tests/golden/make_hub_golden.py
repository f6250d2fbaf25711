"""Writes the golden database of the newest revision of a hub's tables, before it is released.

    .venv/bin/python -m tests.golden.make_hub_golden

A hub received one episode and made one token. Once a release has a revision, its golden database
stays as it is for ever.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from tests.support.hubs import made_node, send, signed

from signoff_hub.database.revision import NEWEST, name_of
from signoff_hub.signing_in.tokens import Scope, make_api_token

HERE = Path(__file__).resolve().parent / "hub_databases"


def main() -> None:
    """Make the hub; its file is packed with small pages."""
    with tempfile.TemporaryDirectory() as folder:
        with made_node(Path(folder) / "hub") as node:
            send(node, signed(node, 1))
            make_api_token(node, "auditor", (Scope.AUDIT,), 30)
        with closing(sqlite3.connect(Path(folder) / "hub" / "hub.sqlite")) as made:
            made.execute("PRAGMA journal_mode=DELETE")
            made.execute("PRAGMA page_size=512")
            made.execute("VACUUM")
        HERE.mkdir(exist_ok=True)
        content = (Path(folder) / "hub" / "hub.sqlite").read_bytes()
        (HERE / f"{name_of(NEWEST)}.sqlite").write_bytes(content)


if __name__ == "__main__":
    main()
