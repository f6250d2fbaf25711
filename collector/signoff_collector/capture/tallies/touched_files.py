"""List the files that a session has touched so far, from its growing journals and spools."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_follower import JournalFollower
from signoff_collector.capture.journal.journal_frames import (
    RecordKind,
    fields_in,
    method_in,
    uri_in,
)
from signoff_collector.system.files.spelling import true_path
from signoff_collector.text.file_uris import path_of_uri
from signoff_schemas.untyped import is_fields, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.capture.journal.journal_follower import Frames
    from signoff_collector.capture.sessions.sessions import Session

MAX_PATHS: Final = 2_000
_MAX_WATCHED: Final = 20_000
_WITH_URI: Final = frozenset({RecordKind.ANCHOR, RecordKind.SAVE})
_LISTS: Final[Mapping[int, str]] = {RecordKind.FILES: "changed", RecordKind.TREE: "entries"}


class TouchedFiles:
    """The files that were opened, anchored, saved or named by an agent; reads incrementally."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._root = true_path(session.root)
        self._documents = JournalFollower(dict[str, None], documents)
        self._paths: dict[str, Path | None] = {}
        """By URI, as links led when it was first seen."""
        self._spool_bytes: dict[str, int] = {}
        self._named: dict[Path, None] = {}

    def refresh(self) -> tuple[Path, ...]:
        """Read new records; return every touched path inside the workspace."""
        opened: dict[Path, None] = {}
        for journal in self._documents.look(self._session.journals).values():
            for uri in journal.state:
                if uri not in self._paths:
                    self._paths[uri] = real_path_of_uri(uri)
                if (path := self._paths[uri]) is not None:
                    opened[path] = None
        for spool in self._session.spools:
            self._read_spool(spool)
        inside = (path for path in opened | self._named if path.is_relative_to(self._root))
        return tuple(islice(inside, MAX_PATHS))

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
            for name in list_of(entry.body.get("paths")):
                if isinstance(name, str) and name.startswith("/"):
                    self._named[true_path(name)] = None


def watched_files(session: Session) -> frozenset[str]:
    """Return the files that a watcher that starts now must examine, relative to the workspace.

    Earlier watchers or editors recorded them. Empty when no file watcher ran before: then there is
    no earlier state to compare with.
    """
    journals = [path for path in session.journals if path.name.startswith("files-")]
    if not journals:
        return frozenset()
    root = true_path(session.root)
    touched = {path.relative_to(root).as_posix() for path in TouchedFiles(session).refresh()}
    listed = JournalFollower(set[str], files_on_disk).look(journals).values()
    return frozenset(sorted(touched.union(*(one.state for one in listed)))[:_MAX_WATCHED])


def documents(found: dict[str, None], frames: Frames) -> dict[str, None]:
    """Collect the URIs of documents that were opened, anchored or saved: a fold."""
    for kind, payload in frames:
        uri: object = None
        if kind == RecordKind.LSP:
            uri = uri_in(payload) if method_in(payload) == b"textDocument/didOpen" else None
        elif kind in _WITH_URI:
            uri = fields_in(payload).get("uri")
        if isinstance(uri, str):
            found[uri] = None
    return found


def files_on_disk(found: set[str], frames: Frames) -> set[str]:
    """Collect the paths that file watchers recorded: a fold."""
    for kind, payload in frames:
        if kind in _LISTS:
            items = list_of(fields_in(payload).get(_LISTS[kind]))
            found.update(str(one["path"]) for one in items if is_fields(one) and "path" in one)
    return found


def real_path_of_uri(uri: str) -> Path | None:
    """Return the real path that a `file:` URI names, or None for any other."""
    path = path_of_uri(uri)
    return None if path is None else true_path(path)
