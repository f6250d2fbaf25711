"""Models the files on disk as far as the session shows them, and numbers equal trees."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from signoff_schemas.untyped import fields_of, list_of

GONE: Final = "gone"
"""Marks a deleted file, in place of a SHA-256."""

Content = tuple[str, str | None]
"""A path and the SHA-256 of its content, None for a deleted file."""


class Moved(NamedTuple):
    """Content of a file written by something other than an editor."""

    shown: frozenset[str]
    """Hashes of the texts that an editor may show for that content."""
    by: str
    """`git`, `external`, `RESTORED`, or the evidence of an agent's tool call."""


class Disk:
    """Maps paths to SHA-256 and mode; assigns a number to every state of the whole tree.

    Files never seen count as unchanged, so opening one does not give another tree.
    """

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._modes: dict[str, str] = {}
        self._first_modes: dict[str, str] = {}
        self.moved: dict[str, Moved] = {}
        """Contents that an editor may reload next."""
        self._mark = 0
        self._unknown = 0
        self._numbers: dict[int, int] = {0: 0}

    def known(self, path: str) -> str | None:
        """Return the SHA-256 of the bytes at a path, `GONE`, or None when it was never seen."""
        return self._now.get(path)

    def text(self, path: str) -> str | None:
        """Return the SHA-256 of the text that the replay has at a path, or None."""
        return self._texts.get(path)

    def mode(self, path: str) -> str | None:
        """Return the mode of a file, or None when it was never seen."""
        return self._modes.get(path)

    def paths(self) -> tuple[str, ...]:
        """Return every path that was seen, deleted ones included."""
        return tuple(self._now)

    def holds(self, path: str, disk_sha256: str | None) -> bool:
        """Say whether the replay has these bytes at a path; None means no file."""
        return self._now.get(path) == (disk_sha256 or GONE)

    def has_changed(self, path: str) -> bool:
        """Say whether a file differs from its first known content."""
        return self._now.get(path) != self._first.get(path)

    def learn(self, path: str, content: str, *, text: str | None = None) -> None:
        """Record the content that a file has had since the start, unless it is known."""
        if path not in self._now:
            self._now[path] = self._first[path] = content
            if text is not None:
                self._texts[path] = text

    def unlearn(self, path: str) -> None:
        """Undo `learn`: the content is unknown again."""
        for known in (self._now, self._first, self._texts):
            known.pop(path, None)

    def settle(self, path: str, content: str, text: str) -> None:
        """Record the exact bytes in which a text was found on disk."""
        if self._now.get(path) == self._texts.get(path) == self._first.get(path):
            self._now[path] = self._first[path] = content  # the hash known before was the text's
        elif self._now.get(path) != content:
            self.put(path, content)
        self._texts[path] = text

    def name_mover(self, path: str, by: str) -> None:
        """Say who wrote what lies at a path, where an editor has not reloaded it yet."""
        moved = self.moved.get(path)
        if moved is not None:
            self.moved[path] = moved._replace(by=by)

    def put(
        self, path: str, content: str, *, text: str | None = None, moved: Moved | None = None
    ) -> None:
        """Record a change; a file not seen before counts as new.

        Args:
            path: of the file.
            content: SHA-256 of the bytes, or `GONE`.
            text: SHA-256 of the text that the replay has there, None where it has none.
            moved: set when the writer was not an editor: an editor may reload it next.
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
        """Record that a file was renamed."""
        known, text, mode = self._now.get(old), self._texts.get(old), self._modes.get(old)
        self.put(old, GONE)
        if known is not None:
            self.put(path, known, text=text)
        self.see_mode(path, mode)

    def see_mode(self, path: str, mode: str | None) -> None:
        """Record a file's mode; the first one seen counts as its mode since the start."""
        if mode is None:
            return
        first = self._first_modes.setdefault(path, mode)
        before = self._modes.get(path, first)
        name = f"{path}\0mode"
        self._mark ^= _mark(name, before, first) ^ _mark(name, mode, first)
        self._modes[path] = mode

    def forget(self, path: str) -> None:
        """Record that a path changed to an unknown content."""
        if path in self._now:
            self._unknown += 1
            self.put(path, f"unknown {self._unknown}")
            del self._now[path]
            self._first.pop(path)

    @property
    def state(self) -> int:
        """Number of the current tree; equal trees have equal numbers."""
        return self._numbers.setdefault(self._mark, len(self._numbers))


def _mark(path: str, content: str, first: str) -> int:
    """Return a file's share in the hash of the tree, 0 while it is unchanged.

    Shares are combined by XOR, so a change updates the tree's hash in constant time.
    """
    if content == first:
        return 0
    return int.from_bytes(
        hashlib.sha256(f"{path}\0{content}".encode("utf-8", "surrogatepass")).digest(), "big"
    )


def shown_forms(content: bytes) -> frozenset[str]:
    """Return the hashes of all texts that editors may show for the bytes of a file."""
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


def contents_of(value: object) -> list[Content]:
    """Return path and SHA-256 of each disk item of a record."""
    contents: list[Content] = []
    for item in list_of(value):
        fields = fields_of(item)
        path, sha256 = fields.get("path"), fields.get("sha256")
        if isinstance(path, str) and (sha256 is None or isinstance(sha256, str)):
            contents.append((path, sha256))
    return contents
