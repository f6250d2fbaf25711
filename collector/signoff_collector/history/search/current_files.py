"""Check whether text found in finished sessions is still in its file now.

A session knows its files until its end. The present state comes from the running session if an
editor has unsaved text, else from the disk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.history.local_sessions import View
from signoff_collector.history.search.kinds import TEXT_KIND
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.history.local_sessions import LocalSession
    from signoff_collector.history.search.searching import Hit

_MOST_CHARACTERS: Final = 64 << 20
"""Size limit of the cache of file texts, in characters."""
_MASK: Final = "REDACTED_"


class CurrentFiles:
    """Compares hits with the present files; every file is read once."""

    def __init__(self, typed: Callable[[Path, str], str | None]) -> None:
        """Take a function that returns unsaved editor text by workspace and path."""
        self._typed = typed
        self._texts: dict[tuple[Path, str], _Text | None] = {}
        self._size = 0

    def as_it_is_now(self, session: LocalSession, hit: Hit) -> Hit:
        """Return a hit with mark, line and time updated to the present."""
        if hit.kind != TEXT_KIND or hit.path is None:
            return hit
        text = self._text(session.root, hit.path)
        is_masked = session.view is View.MASKED and _MASK in f"{hit.path}{hit.text}"
        if text is None or is_masked:
            return hit  # neither text is known: leave the mark
        line = text.line_of(hit)
        if line is not None:
            return replace(hit, is_deleted=False, is_passed=False, line=line)
        seq, t_ns = hit.last
        return hit if hit.is_deleted else replace(hit, is_deleted=True, seq=seq, t_ns=t_ns)

    def _text(self, root: Path, path: str) -> _Text | None:
        key = (root, path)
        if key not in self._texts:
            whole = self._typed(root, path)
            whole = _on_disk(root, path) if whole is None else whole
            self._size += len(whole or "")
            if self._size > _MOST_CHARACTERS:
                self._texts.clear()
                self._size = len(whole or "")
            self._texts[key] = None if whole is None else _Text(whole)
        return self._texts[key]


class _Text:
    """The present lines of a file."""

    def __init__(self, whole: str) -> None:
        self._whole = whole.removeprefix("\ufeff").replace("\r\n", "\n")
        self._places: dict[str, list[int]] = {}
        for number, line in enumerate(self._whole.split("\n"), 1):
            self._places.setdefault(line, []).append(number)

    def line_of(self, hit: Hit) -> int | None:
        """Return the line number, from 1, with the text of a hit, nearest to its old place.

        A line that was only continued counts too, unless the hit was deleted before.
        """
        text = hit.text.removeprefix("\ufeff").removesuffix("\r")
        near = hit.line or 1
        numbers = self._places.get(text)
        if numbers:
            return min(numbers, key=lambda number: abs(number - near))
        place = -1 if hit.is_deleted else self._whole.find(text.strip())
        return None if place < 0 else self._whole.count("\n", 0, place) + 1


def _on_disk(root: Path, path: str) -> str | None:
    """Return the file as text; "" if it does not exist, None if it is not readable text."""
    from signoff_collector.history.files.restoring import present

    try:
        if not root.exists():
            return ""
        found = present(root.parent, root.name) if root.is_file() else present(root, path)
        return (found.content or b"").decode()
    except (RefusedError, OSError, UnicodeDecodeError):
        return None
