"""List the files that a running editor held unsaved at a moment, from its journal.

An editor's journal records what was opened, changed, saved and closed, so no editor has to be
asked. A file counts as unsaved when it was changed since its last save. Undoing back to the saved
text counts too; a change that the editor has not sent yet does not.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.frame_reader import HOLE, FrameReader
from signoff_collector.capture.journal.journal_frames import RecordKind, unpack_body
from signoff_collector.capture.sessions.touched_files import real_path_of_uri
from signoff_collector.system.private_files import read_regular
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session

MAX_PATHS: Final = 1_000
_MAX_FILE_BYTES: Final = 8 << 20
_URI: Final = re.compile(rb'"textDocument"\s*:\s*\{[^{}]*?"uri"\s*:\s*("(?:[^"\\]|\\.)*")')
"""The document URI in a message as the editor sent it; quotes within text are escaped."""
_METHOD_WITHIN: Final = 64
_CHANGED: Final = b"textDocument/didChange"
_SETTLED: Final = (b"textDocument/didOpen", b"textDocument/didSave", b"textDocument/didClose")
_NAME: Final = re.compile(r"(?P<writer>.+-(?P<pid>\d+)-[0-9a-f]{4})\.(?P<segment>\d+)\.journal")


class UnsavedFiles:
    """The state of the journals up to now; created before a command, read while it runs."""

    def __init__(self, session: Session) -> None:
        """Note the present length of each journal; nothing is read yet."""
        self._root = Path(os.path.realpath(session.root))
        self._sizes: list[tuple[Path, int]] = []
        for journal in session.journals:
            found = _NAME.fullmatch(journal.name)
            if found is not None and _is_alive(int(found["pid"])):
                with suppress(OSError):
                    self._sizes.append((journal, journal.stat().st_size))

    def paths(self) -> list[str]:
        """Return the real paths that were unsaved, sorted."""
        unsaved: dict[str, dict[bytes, None]] = {}
        for journal, size_bytes in sorted(self._sizes, key=_order):
            writer = journal.name.partition(".")[0]
            uris = unsaved.setdefault(writer, {})
            for kind, payload in FrameReader(journal, end_bytes=size_bytes):
                self._take(kind, payload, uris)
        found = {real_path_of_uri(_text(uri)) for uris in unsaved.values() for uri in uris}
        inside = [path for path in found if path is not None and path.is_relative_to(self._root)]
        return sorted(str(path) for path in inside)[:MAX_PATHS]

    def _take(self, kind: int, payload: bytes, unsaved: dict[bytes, None]) -> None:
        if kind == RecordKind.LSP:
            _take_message(payload, unsaved)
        elif kind in {RecordKind.END, HOLE}:  # after lost records no state is certain
            unsaved.clear()
        elif kind in {RecordKind.SAVE, RecordKind.ANCHOR}:
            try:
                fields = unpack_body(payload)
            except ValueError:
                return
            if is_fields(fields):
                uri = json.dumps(str(fields.get("uri"))).encode()
                unsaved.pop(uri, None)
                if kind == RecordKind.ANCHOR and self._differs(fields):
                    unsaved[uri] = None

    def _differs(self, anchor: dict[str, object]) -> bool:
        """Whether an anchored text differs from the file on disk, apart from line ends."""
        path, text = real_path_of_uri(str(anchor.get("uri"))), anchor.get("text")
        if path is None or not isinstance(text, str) or not path.is_relative_to(self._root):
            return False
        try:
            content = read_regular(path, max_bytes=_MAX_FILE_BYTES)
        except SignoffError:
            return False
        return _plain(text.encode("utf-8", "surrogatepass")) != _plain(content)


def _take_message(payload: bytes, unsaved: dict[bytes, None]) -> None:
    start = payload[:_METHOD_WITHIN]
    is_change = _CHANGED in start
    if not is_change and not any(method in start for method in _SETTLED):
        return
    found = _URI.search(payload)
    if found is None:
        return
    uri = json.dumps(_text(found[1])).encode()
    if is_change:
        unsaved[uri] = None
    else:
        unsaved.pop(uri, None)


def _text(quoted: bytes) -> str:
    try:
        value: object = json.loads(quoted)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def _plain(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n")


def _order(item: tuple[Path, int]) -> tuple[str, int]:
    writer, segment, _ = item[0].name.split(".")
    return writer, int(segment)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
