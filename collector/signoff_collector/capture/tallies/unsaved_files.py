"""List the files that a running editor held unsaved at a moment, from its journal.

An editor's journal records what was opened, changed, saved and closed, so no editor has to be
asked. A file counts as unsaved when it was changed since its last save. Undoing back to the saved
text counts too; a change that the editor has not sent yet does not.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.frame_reader import HOLE
from signoff_collector.capture.journal.journal_follower import JournalFollower
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    fields_in,
    method_in,
    uri_in,
)
from signoff_collector.capture.tallies.touched_files import real_path_of_uri
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.own_files.unfinished import is_running
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.journal.journal_follower import Frames
    from signoff_collector.capture.sessions.sessions import Session

MAX_PATHS: Final = 1_000
_MAX_FILE_BYTES: Final = 8 << 20
_IS_CHANGED: Final[Mapping[bytes, bool]] = {
    b"textDocument/didChange": True,
    b"textDocument/didOpen": False,
    b"textDocument/didSave": False,
    b"textDocument/didClose": False,
}
_PID: Final = re.compile(r".+-(\d+)-[0-9a-f]{4}\.\d+\.journal")


class UnsavedFiles:
    """The state of the journals up to now; created before a command, read while it runs."""

    def __init__(self, session: Session) -> None:
        """Note the present length of each journal; nothing is read yet."""
        self._root = true_path(session.root)
        self._sizes: dict[Path, int] = {}
        for journal in session.journals:
            pid = _PID.fullmatch(journal.name)
            if pid is not None and is_running(int(pid[1])):
                with suppress(OSError):
                    self._sizes[journal] = journal.stat().st_size

    def paths(self) -> list[str]:
        """Return the real paths that were unsaved, sorted."""
        journals = JournalFollower(Buffers, buffers).look(self._sizes, ends=self._sizes)
        by_writer: dict[str, Buffers] = {}
        for path, journal in journals.items():  # sorted by writer and segment
            writer = path.name.partition(".")[0]
            by_writer.setdefault(writer, Buffers()).continue_with(journal.state)
        held = [item for one in by_writer.values() for item in one.held.items() if item[1]]
        named = [(real_path_of_uri(uri), one) for uri, one in held]
        found = {
            path
            for path, one in named
            if path is not None
            and path.is_relative_to(self._root)
            and (one is True or _differs(path, one))
        }
        return sorted(map(str, found))[:MAX_PATHS]


@dataclass(slots=True)
class Buffers:
    """The documents of one segment."""

    held: dict[str, bool | bytes] = field(default_factory=dict[str, "bool | bytes"])
    """By URI: whether it was changed since it was saved, or the digest of an anchored text, which
    is to be compared with the file.
    """
    is_fresh: bool = False
    """Whether what earlier segments say does not count: the writer ended, or records were lost."""

    def continue_with(self, later: Buffers) -> None:
        """Add what the following segment says."""
        if later.is_fresh:
            self.held.clear()
        self.held |= later.held


def buffers(state: Buffers, frames: Frames) -> Buffers:
    """Follow what an editor changed and saved: a fold."""
    for kind, payload in frames:
        if kind == RecordKind.LSP:
            is_changed = _IS_CHANGED.get(method_in(payload))
            uri = None if is_changed is None else uri_in(payload)
            if is_changed is not None and uri is not None:
                state.held[uri] = is_changed
        elif kind in {RecordKind.END, HOLE}:  # after lost records no state is certain
            state.held.clear()
            state.is_fresh = True
        elif kind in {RecordKind.SAVE, RecordKind.ANCHOR}:
            fields = fields_in(payload)
            text = fields.get("text") if kind == RecordKind.ANCHOR else None
            state.held[str(fields.get("uri"))] = (
                _digest(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else False
            )
    return state


def _differs(path: Path, digest: bool | bytes) -> bool:
    """Whether an anchored text differs from the file on disk, apart from line ends."""
    try:
        return _digest(read_regular(path, max_bytes=_MAX_FILE_BYTES)) != digest
    except SignoffError:
        return False


def _digest(content: bytes) -> bytes:
    plain = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n")
    return hashlib.sha256(plain).digest()
