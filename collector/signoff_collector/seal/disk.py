"""What the disk holds as far as the session has shown, and which trees were equal."""

from __future__ import annotations

import hashlib
from typing import Final

GONE: Final = "gone"
"""Stands for a file that is not there, beside SHA-256 values."""


class Disk:
    """Path to the SHA-256 of its content; numbers every whole tree it passes through.

    Files that were never seen count as unchanged, so opening one does not make another tree.
    """

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._also: dict[str, tuple[str, str]] = {}
        self.moved: dict[str, tuple[str, str]] = {}
        """Path to (content, what moved it) where something else than an editor wrote."""
        self._mark = 0
        self._numbers: dict[int, int] = {0: 0}

    def known(self, path: str) -> str | None:
        """Return the SHA-256 at a path, `GONE`, or None when it was never seen."""
        return self._now.get(path)

    def also(self, path: str, text_sha256: str, disk_sha256: str) -> None:
        """Take note that a text lies on disk in other bytes (BOM, encoding, last line ending)."""
        self._also[path] = (text_sha256, disk_sha256)

    def holds(self, path: str, disk_sha256: str) -> bool:
        """Say whether these bytes are what the replay has at a path."""
        known = self._now.get(path)
        return known == disk_sha256 or (
            known is not None and self._also.get(path) == (known, disk_sha256)
        )

    def learn(self, path: str, content: str) -> None:
        """Take note of what lay there all along."""
        if path not in self._now:
            self._now[path] = self._first[path] = content

    def put(self, path: str, content: str, *, by: str | None = None) -> None:
        """Take note of a change; a file not seen before is taken to be new.

        `by` says what wrote it where that was no editor: an editor may take it over next.
        """
        if by is not None:
            self.moved[path] = (content, by)
        elif self.moved:
            self.moved.pop(path, None)
        first = self._first.setdefault(path, GONE)
        before = self._now.get(path, first)
        self._mark ^= _mark(path, before, first) ^ _mark(path, content, first)
        self._now[path] = content

    def forget(self, path: str) -> None:
        """Take note that a path changed to something that was not seen."""
        if path in self._now:
            self.put(path, f"unknown {len(self._numbers)}")
            del self._now[path]
            self._first.pop(path)

    @property
    def state(self) -> int:
        """Number of the tree as it is now: equal trees, equal numbers."""
        return self._numbers.setdefault(self._mark, len(self._numbers))


def _mark(path: str, content: str, first: str) -> int:
    """Return what a file adds to the sum of a tree: nothing while it is as it was."""
    if content == first:
        return 0
    return int.from_bytes(
        hashlib.sha256(f"{path}\0{content}".encode("utf-8", "surrogatepass")).digest(), "big"
    )
