"""Applies patches in the two forms that other tools write: unified diffs and Codex patches.

A patch that does not fit gives None: nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HUNK: Final = re.compile(r"^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NO_NEWLINE: Final = "\\ No newline"
_ADD: Final = "*** Add File: "
_DELETE: Final = "*** Delete File: "
_UPDATE: Final = "*** Update File: "
_MOVE: Final = "*** Move to: "
_END_OF_FILE: Final = "*** End of File"
_LOOSER: Final[tuple[Callable[[str], str], ...]] = (str, str.rstrip, str.strip)
"""How lines are compared: exactly, then with less and less care for blanks, as Codex does."""


_PATIENCE: Final = 20
_PATIENCE_LEAST: Final = 10_000


def apply_unified(text: str, diff: str) -> str | None:
    """Return the text after a unified diff of one file; None where it does not fit."""
    old = re.findall(r"[^\n]*\n|[^\n]+", text)
    new: list[str] = []
    at = hunks = 0
    lines = diff.split("\n")
    number = 0
    while number < len(lines):
        head = _HUNK.match(lines[number])
        number += 1
        if head is None:
            continue
        hunks += 1
        first, count = int(head[1]), 1 if head[2] is None else int(head[2])
        added = 1 if head[4] is None else int(head[4])
        before, after, number = _hunk(lines, number, count, added)
        start = first if count == 0 else first - 1
        if start < at or before is None or old[start : start + count] != before:
            return None
        new += (*old[at:start], *after)
        at = start + count
    return "".join((*new, *old[at:])) if hunks else None


def _hunk(
    lines: Sequence[str], number: int, count: int, added: int
) -> tuple[list[str] | None, list[str], int]:
    """Return the lines of a hunk before and after it, and where the next one may begin."""
    before, after = list[str](), list[str]()
    latest: tuple[list[str], ...] = ()
    while number < len(lines) and (len(before) < count or len(after) < added):
        mark, rest = lines[number][:1], f"{lines[number][1:]}\n"
        latest = {" ": (before, after), "": (before, after), "-": (before,), "+": (after,)}.get(
            mark, ()
        )
        if mark == "\\":
            break
        for side in latest:
            side.append(rest)
        number += 1
        if not latest:
            return None, after, number
        if number < len(lines) and lines[number].startswith(_NO_NEWLINE):
            for side in latest:
                side[-1] = side[-1].removesuffix("\n")
            number += 1
    return (before if (len(before), len(after)) == (count, added) else None), after, number


@dataclass(slots=True)
class _Chunk:
    context: str | None = None
    old: list[str] = field(default_factory=list[str])
    new: list[str] = field(default_factory=list[str])
    is_at_end: bool = False


@dataclass(slots=True)
class FilePatch:
    """What a Codex patch does to one file."""

    path: str
    text: str | None = None
    """The whole text of a file that it adds."""
    is_deletion: bool = False
    moved_to: str | None = None
    chunks: list[_Chunk] = field(default_factory=list[_Chunk])

    def applied(self, text: str) -> str | None:
        """Return the text after it; None where it does not fit, or is sought too long."""
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        seeking = _Seeking(lines, sum(len(chunk.old) for chunk in self.chunks))
        at, new = 0, list[str]()
        for chunk in self.chunks:
            start = at
            if chunk.context is not None:
                found = seeking.find([chunk.context], start, is_at_end=False)
                if found is None:
                    return None
                start = found + 1
            place = (
                seeking.find(chunk.old, start, is_at_end=chunk.is_at_end)
                if chunk.old
                else len(lines)
            )
            if place is None:
                return None
            new += (*lines[at:place], *chunk.new)
            at = place + len(chunk.old)
        return "\n".join((*new, *lines[at:], ""))


class _Seeking:
    """Finds lines in a file; gives up after looking at a multiple of what there is."""

    def __init__(self, lines: list[str], sought: int) -> None:
        self._lines = lines
        self._left = _PATIENCE * (len(lines) + sought) + _PATIENCE_LEAST

    def find(self, wanted: list[str], start: int, *, is_at_end: bool) -> int | None:
        """Return where lines stand, at or behind a place; at the end where it says so."""
        last = len(self._lines) - len(wanted)
        for look in _LOOSER:
            sought = [look(one) for one in wanted]
            for place in range(max(last, start) if is_at_end else start, last + 1):
                self._left -= 1
                if look(self._lines[place]) == sought[0]:
                    self._left -= len(sought)
                    here = self._lines[place : place + len(sought)]
                    if [look(one) for one in here] == sought:
                        return place
                if self._left < 0:
                    return None
        return None


def parse_codex_patch(patch: str) -> list[FilePatch] | None:
    """Return what a patch does, file by file; None when it is none."""
    begin, marker, rest = patch.partition("*** Begin Patch")
    if not marker or (begin.strip() and "apply_patch" not in begin):
        return None
    found: list[FilePatch] = []
    body = rest.partition("*** End Patch")[0].removesuffix("\n")
    for line in body.split("\n")[1:]:
        if line.startswith(_ADD):
            found.append(FilePatch(line.removeprefix(_ADD).strip(), text=""))
        elif line.startswith(_DELETE):
            found.append(FilePatch(line.removeprefix(_DELETE).strip(), is_deletion=True))
        elif line.startswith(_UPDATE):
            found.append(FilePatch(line.removeprefix(_UPDATE).strip()))
        elif found and not _take(found[-1], line):
            return None
    return found or None


def _take(file: FilePatch, line: str) -> bool:
    """Take a line that belongs to a file; False when it fits nothing."""
    if line.startswith(_MOVE):
        file.moved_to = line.removeprefix(_MOVE).strip()
    elif file.text is not None:
        file.text += f"{line[1:]}\n" if line.startswith("+") else ""
        return line.startswith("+") or not line.strip()
    elif line.startswith(_END_OF_FILE):
        if file.chunks:
            file.chunks[-1].is_at_end = True
    elif line.startswith("@@"):
        file.chunks.append(_Chunk(context=line[2:].strip() or None))
    else:
        if not file.chunks:
            file.chunks.append(_Chunk())
        chunk, mark, rest = file.chunks[-1], line[:1], line[1:]
        if mark not in {"", " ", "-", "+"}:
            return False
        if mark != "+":
            chunk.old.append(rest)
        if mark != "-":
            chunk.new.append(rest)
    return True
