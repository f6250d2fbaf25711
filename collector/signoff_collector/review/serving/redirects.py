"""Private HTML file that redirects the browser to the page, so that argv shows no token."""

from __future__ import annotations

import html
import os
import secrets
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import make_private_folder, replace_private
from signoff_collector.own_files.unfinished import is_running

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

_PREFIX: Final = "review-"
_SUFFIX: Final = ".html"
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={address}"><title>Signoff</title></head>
<body><p><a rel="noreferrer" href="{address}">Open the page</a>. It opens once.</p></body></html>
"""


class Redirects:
    """The redirect file of one server; at most one at a time."""

    def __init__(self, home: Home) -> None:
        self._folder = home.state
        self._path: Path | None = None

    def write(self, address: str) -> Path:
        """Write a file that redirects to `address`, replacing the previous one.

        Raises:
            SignoffError: it cannot be written.
        """
        self.remove()
        self._remove_old()
        make_private_folder(self._folder)
        name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"
        path = self._folder / name
        page = _PAGE.format(address=html.escape(address, quote=True))
        replace_private(path, page.encode("ascii"))
        self._path = path
        return path

    def remove(self) -> None:
        """Delete the file: its URL was used or revoked."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _remove_old(self) -> None:
        """Delete files left by killed servers; their URLs are invalid."""
        for path in self._folder.glob(f"{_PREFIX}*-*{_SUFFIX}"):
            pid = path.name.removeprefix(_PREFIX).partition("-")[0]
            if pid.isdigit() and not is_running(int(pid)):
                path.unlink(missing_ok=True)
