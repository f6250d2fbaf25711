"""Collects base commit, changed paths and contents from the file watcher's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signoff_collector.capture.journal.journal_frames import RecordKind
from signoff_collector.seal.building.known_disk import contents_of
from signoff_schemas.untyped import is_items, list_of

_ITEMS: Final[Mapping[int, tuple[str, ...]]] = {
    RecordKind.FILES: ("changed",),
    RecordKind.TREE: ("entries",),
}


class TreeFacts:
    """The base commit, the paths that differed from it, and the paths that changed since."""

    def __init__(self) -> None:
        self.head: str | None = None
        """Base commit, from the first TREE record with reason `start`."""
        self.entries: frozenset[str] = frozenset()
        """Paths that differed from it at the start."""
        self.is_complete = False
        self.changed: set[str] = set()
        """Paths that changed since."""
        self.apart: set[str] = set()
        """Those of them with a change to content that is not in the repository."""
        self.contents: set[tuple[str, str]] = set()
        """Paths and SHA-256 of contents, without deleted files and contents in the repository."""
        self._has_begun = False

    def take(self, kind: int, fields: Mapping[str, object]) -> None:
        """Process a record; only those of the file watcher matter."""
        is_resolvable = fields.get("resolvable") is True
        for name in () if is_resolvable else _ITEMS.get(kind, ()):
            found = contents_of(fields.get(name))
            self.contents |= {(path, sha256) for path, sha256 in found if sha256 is not None}
        if kind == RecordKind.FILES:
            paths = {path for path, _ in contents_of(fields.get("changed"))}
            paths |= {path for pair in _pairs(fields.get("renamed")) for path in pair}
            self.changed |= paths
            if not is_resolvable:
                self.apart |= paths
        elif kind == RecordKind.TREE:
            entries = frozenset(path for path, _ in contents_of(fields.get("entries")))
            if self._has_begun or fields.get("reason") != "start":
                self.changed |= entries
                self.apart |= entries
                return
            head = fields.get("head")
            self._has_begun = True
            self.head = head if isinstance(head, str) and head else None
            self.entries, self.is_complete = entries, fields.get("is_complete") is True


def _pairs(value: object) -> list[list[str]]:
    pairs = list_of(value)
    return [[name for name in pair if isinstance(name, str)] for pair in pairs if is_items(pair)]
