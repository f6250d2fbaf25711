"""What the disk holds as far as the session has shown, and which trees were equal."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

GONE: Final = "gone"
"""Stands for a file that is not there, beside SHA-256 values."""


class Moved(NamedTuple):
    """What something else than an editor wrote to a file."""

    shown: frozenset[str]
    """Hashes of the texts that an editor may show for it."""
    by: str
    """`git` or `external`."""


class Disk:
    """Path to the SHA-256 and mode of a file; numbers every whole tree it passes through.

    Files that were never seen count as unchanged, so opening one does not make another tree.
    """

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._modes: dict[str, str] = {}
        self._first_modes: dict[str, str] = {}
        self.moved: dict[str, Moved] = {}
        """What an editor may take over next."""
        self._mark = 0
        self._unknown = 0
        self._numbers: dict[int, int] = {0: 0}

    def known(self, path: str) -> str | None:
        """Return the SHA-256 of the bytes at a path, `GONE`, or None when it was never seen."""
        return self._now.get(path)

    def text(self, path: str) -> str | None:
        """Return the SHA-256 of the text that a replay has at a path, None where it has none."""
        return self._texts.get(path)

    def mode(self, path: str) -> str | None:
        """Return the mode of a file, where it was seen."""
        return self._modes.get(path)

    def paths(self) -> tuple[str, ...]:
        """Return every path that was seen, gone or not."""
        return tuple(self._now)

    def holds(self, path: str, disk_sha256: str | None) -> bool:
        """Say whether these bytes are what the replay has at a path; None: no file."""
        return self._now.get(path) == (disk_sha256 or GONE)

    def has_changed(self, path: str) -> bool:
        """Say whether a file is not as it was first seen."""
        return self._now.get(path) != self._first.get(path)

    def learn(self, path: str, content: str, *, text: str | None = None) -> None:
        """Take note of what lay there all along, and of the text a replay has for it."""
        if path not in self._now:
            self._now[path] = self._first[path] = content
            if text is not None:
                self._texts[path] = text

    def unlearn(self, path: str) -> None:
        """Take back what was learnt: nobody knows what lies there."""
        for known in (self._now, self._first, self._texts):
            known.pop(path, None)

    def settle(self, path: str, content: str, text: str) -> None:
        """Take note that a file was compared: its text lies there in these bytes."""
        if self._now.get(path) == self._texts.get(path) == self._first.get(path):
            self._now[path] = self._first[path] = content  # what was learnt was only its text
        elif self._now.get(path) != content:
            self.put(path, content)
        self._texts[path] = text

    def put(
        self, path: str, content: str, *, text: str | None = None, moved: Moved | None = None
    ) -> None:
        """Take note of a change; a file not seen before is taken to be new.

        Args:
            path: where.
            content: SHA-256 of the bytes, or `GONE`.
            text: SHA-256 of the text a replay has there, None where it has none.
            moved: what wrote it where that was no editor: an editor may take it over next.
        """
        if moved is not None:
            self.moved[path] = moved
        elif self.moved:
            self.moved.pop(path, None)
        first = self._first.setdefault(path, GONE)
        before = self._now.get(path, first)
        self._mark ^= _mark(path, before, first) ^ _mark(path, content, first)
        self._now[path] = content
        if content == GONE and path in self._modes:
            self.see_mode(path, self._first_modes[path])
            del self._modes[path]
        if text is None:
            self._texts.pop(path, None)
        else:
            self._texts[path] = text

    def rename(self, old: str, path: str) -> None:
        """Take note that a file got another name."""
        known, text, mode = self._now.get(old), self._texts.get(old), self._modes.get(old)
        self.put(old, GONE)
        if known is not None:
            self.put(path, known, text=text)
        self.see_mode(path, mode)

    def see_mode(self, path: str, mode: str | None) -> None:
        """Take note of a file's mode; the first one seen counts as the one it always had."""
        if mode is None:
            return
        first = self._first_modes.setdefault(path, mode)
        before = self._modes.get(path, first)
        name = f"{path}\0mode"
        self._mark ^= _mark(name, before, first) ^ _mark(name, mode, first)
        self._modes[path] = mode

    def forget(self, path: str) -> None:
        """Take note that a path changed to something that was not seen."""
        if path in self._now:
            self._unknown += 1
            self.put(path, f"unknown {self._unknown}")
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


def shown_forms(content: bytes) -> frozenset[str]:
    """Return the hashes of the texts that editors may show for the bytes of a file."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
    ):  # fmt: skip
        if content.startswith(mark):
            text = content[len(mark) :].decode(encoding, "replace")
            break
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    plain = text.replace("\r\n", "\n")
    forms = {text, text + "\n", text.removesuffix("\n"), plain, plain + "\n"}
    hashes = {hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest() for form in forms}
    return frozenset(hashes | {hashlib.sha256(content).hexdigest()})
