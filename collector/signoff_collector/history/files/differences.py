"""Diff two states of a file, as counts or as unified diff."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.history.on_screen import ScreenMask

_COMPARED_LINES: Final = 20_000
"""Files with more lines are reported as different without a line diff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Number of lines added and removed."""

    added: int
    removed: int

    @classmethod
    def between(cls, before: bytes | None, after: bytes | None) -> Self:
        """Count lines as multisets: cheap, and close to what a diff gives."""
        from collections import Counter

        old, new = Counter(_lines(before)), Counter(_lines(after))
        return cls(added=(new - old).total(), removed=(old - new).total())

    def words(self) -> str:
        """Describe the counts, or that nothing differs."""
        if not self.added and not self.removed:
            return "same as now"
        return f"+{self.added} \u2212{self.removed}"


def unified(
    name: str,
    before: bytes | None,
    after: bytes | None,
    *,
    mask: ScreenMask,
    most: int,
) -> Iterator[str]:
    """Yield the lines of a unified diff, truncated; binary files are only named.

    Known values are masked in both whole texts, because they may span lines; rules for secrets run
    only on the lines shown.
    """
    name = mask(name)
    old, new = (mask.values(_text(content)).splitlines() for content in (before, after))
    if b"\0" in (before or b"") + (after or b""):
        yield f"{name} is not text: {len(before or b'')} bytes now, {len(after or b'')} then"
        return
    if len(old) + len(new) > _COMPARED_LINES:
        yield f"{name} has too many lines to compare: {len(old)} now, {len(new)} then"
        return
    lines = difflib.unified_diff(old, new, f"{name} (now)", f"{name} (then)", lineterm="")
    shown = list(islice(lines, most))
    yield from mask("\n".join(shown)).split("\n") if shown else ()
    if next(lines, None) is not None:
        yield f"… only the first {most} lines of the difference are shown"


def _text(content: bytes | None) -> str:
    return (content or b"").decode("utf-8", "replace")


def _lines(content: bytes | None) -> list[str]:
    return _text(content).splitlines()
