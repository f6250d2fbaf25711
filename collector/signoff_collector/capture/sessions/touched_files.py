"""List the files that a session has touched so far, from its growing journals and spools."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.frame_reader import FrameReader, Mark
from signoff_collector.capture.journal.journal_frames import RecordKind, unpack_body
from signoff_collector.text.file_uris import path_of_uri
from signoff_schemas.untyped import fields_of, is_items, list_of

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session

MAX_PATHS: Final = 2_000
_OPENING: Final = b"textDocument/didOpen"
_METHOD_WITHIN: Final = 64
"""The method's name is within this many bytes at the start of a payload."""
_WITH_URI: Final = frozenset({RecordKind.ANCHOR, RecordKind.SAVE})


class TouchedFiles:
    """The files that were opened, anchored, saved or named by an agent; reads incrementally."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = Path(os.path.realpath(session.root))
        self._marks: dict[str, Mark] = {}
        self._spool_bytes: dict[str, int] = {}
        self._paths: dict[Path, None] = {}

    def refresh(self) -> tuple[Path, ...]:
        """Read new records; return every touched path inside the workspace, oldest first."""
        for journal in self._session.journals:
            reader = FrameReader(journal, self._marks.get(journal.name))
            for kind, payload in reader:
                if kind in _WITH_URI or kind == RecordKind.LSP:
                    self._take(kind, payload)
            self._marks[journal.name] = reader.mark
        for spool in self._session.spools:
            self._read_spool(spool)
        return tuple(self._paths)

    def _read_spool(self, spool: Path) -> None:
        """Collect the paths that an agent named; the spool is read again only when it grew."""
        if not spool.name.startswith("agent-"):
            return  # words of a shell line are not known to be paths
        from signoff_collector.capture.journal.spools import clocks_of, read_spool

        try:
            size_bytes = spool.stat().st_size
        except OSError:
            return
        folder = clocks_of(self._session.folder)
        if size_bytes == self._spool_bytes.get(spool.name) or folder is None:
            return
        self._spool_bytes[spool.name] = size_bytes
        for entry in read_spool(spool, folder.clocks).entries:
            named = entry.body.get("paths")
            for name in list_of(named):
                if isinstance(name, str) and name.startswith("/"):
                    self._add(Path(os.path.realpath(name)))

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == RecordKind.LSP and _OPENING not in payload[:_METHOD_WITHIN]:
            return
        try:
            body = unpack_body(payload)
            uri = _opened_uri(body) if kind == RecordKind.LSP else _field(body, "uri")
        except (ValueError, RecursionError):
            return
        path = real_path_of_uri(uri) if isinstance(uri, str) else None
        if path is not None:
            self._add(path)

    def _add(self, path: Path) -> None:
        if path.is_relative_to(self._root) and len(self._paths) < MAX_PATHS:
            self._paths[path] = None


def _opened_uri(body: object) -> object:
    if not is_items(body) or len(body) < 3:
        return None
    parameters = body[2]
    if not isinstance(parameters, bytes):
        return None
    return _field(_field(json.loads(parameters), "textDocument"), "uri")


def _field(value: object, name: str) -> object:
    return fields_of(value).get(name)


def real_path_of_uri(uri: str) -> Path | None:
    """Return the real path that a `file:` URI names, or None for any other."""
    path = path_of_uri(uri)
    return None if path is None else Path(os.path.realpath(path))
