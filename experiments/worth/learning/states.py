"""Files as their edits tell them: each line at any burst, and what many bursts changed together.

An edit tells up to `AROUND` characters on each side, so a file that began before its session is
known where it was edited and unknown elsewhere. Nothing but edits is read here: what is made of
the first part of a session can hold nothing of its later part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.worth.examples import AROUND, Edit
from signoff_collector.text.differences import one_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVERY: Final = 50
"""Bursts from one state of a file to the next that arms draw from."""


@dataclass(slots=True)
class _Row:
    """One line: its text, if any edit told it, and its number in the base, if it is untouched."""

    text: str | None
    base: int | None


class FileRows:
    """The lines of one file while edits are played, and those of its base."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._base: list[str | None] = []

    def rebase(self) -> None:
        """Compare with the file as it is now from here on."""
        self._base = [row.text for row in self._rows]
        for number, row in enumerate(self._rows):
            row.base = number

    def play(self, edit: Edit) -> None:
        """Apply an edit; one that contradicts what is known begins the file anew."""
        told = _told(edit)
        if not self._agree(told):
            self._rows, self._base = [], []
            self._agree(told)
        first = edit.before.rsplit("\n", 1)[-1]
        rest = edit.behind.split("\n", 1)[0]
        lines = (first + edit.inserted + rest).split("\n")
        begin, end = edit.line, edit.line + edit.removed.count("\n") + 1
        # A line that was only touched at its end or start, and is what it was, stays what it is.
        while lines and begin < end and self._rows[end - 1].text == lines[-1]:
            end -= 1
            lines.pop()
        while lines and begin < end and self._rows[begin].text == lines[0]:
            begin += 1
            lines.pop(0)
        self._rows[begin:end] = [_Row(line, None) for line in lines]

    def pieces(self) -> list[str]:
        """Return the stretches of the file whose lines are known, from top to bottom."""
        pieces: list[list[str]] = [[]]
        for row in self._rows:
            if row.text is None:
                pieces.append([])
            else:
                pieces[-1].append(row.text)
        return [text for text in ("\n".join(piece) for piece in pieces) if text]

    def hunks(self, path: str) -> list[Edit]:
        """Return what differs from the base, from top to bottom, each on top of those above it."""
        hunks: list[Edit] = []
        begin, base = 0, 0
        anchors = [(at, row.base) for at, row in enumerate(self._rows) if row.base is not None]
        for at, number in [*anchors, (len(self._rows), len(self._base))]:
            if (at, number) != (begin, base):
                hunk = self._hunk(path, (begin, at), (base, number))
                hunks += [] if hunk is None else [hunk]
            begin, base = at + 1, number + 1
        return hunks

    def _agree(self, told: list[tuple[int, str]]) -> bool:
        """Fill in lines that an edit tells; false where one of them is known as another."""
        for at, _ in told:
            while len(self._rows) <= at:
                self._rows.append(_Row(None, len(self._base)))
                self._base.append(None)
        if any(self._rows[at].text not in {None, text} for at, text in told):
            return False
        for at, text in told:
            row = self._rows[at]
            row.text = text
            if row.base is not None:
                self._base[row.base] = text
        return True

    def _hunk(self, path: str, now: tuple[int, int], then: tuple[int, int]) -> Edit | None:
        new = _text(row.text for row in self._rows[slice(*now)])
        old = _text(self._base[slice(*then)])
        changed = None if new is None or old is None else one_change(old, new)
        if changed is None:
            return None
        same, deleted, put = changed
        left = len(old) - same - deleted
        before = _known(row.text for row in reversed(self._rows[: now[0]]))
        behind = _known(self._base[then[1] :])
        before = "".join([line + "\n" for line in reversed(before)]) + new[:same]
        return Edit(
            path=path,
            before=before[-AROUND:],
            removed=old[same : same + deleted],
            inserted=put,
            behind=(new[len(new) - left :] + "".join([line + "\n" for line in behind]))[:AROUND],
            line=now[0] + new.count("\n", 0, same),
            lines=len(self._rows),
            pause_ms=None,
            author="unknown",
        )


def states(edits: Sequence[Edit]) -> list[str]:
    """Return the known stretches of every file at each `EVERY`th burst and at the end."""
    files: dict[str, FileRows] = {}
    found: list[str] = []
    for number, edit in enumerate(edits, 1):
        files.setdefault(edit.path, FileRows()).play(edit)
        if number % EVERY == 0 or number == len(edits):
            found += [piece for rows in files.values() for piece in rows.pieces()]
    return found


def change(files: dict[str, FileRows], edits: Sequence[Edit]) -> list[Edit]:
    """Play edits and return them as one change: its hunks, file by file, from top to bottom."""
    for rows in files.values():
        rows.rebase()
    for edit in edits:
        files.setdefault(edit.path, FileRows()).play(edit)
    paths = sorted({edit.path for edit in edits})
    return [hunk for path in paths for hunk in files[path].hunks(path)]


def _told(edit: Edit) -> list[tuple[int, str]]:
    """Return the number and text of each whole line that an edit tells, as it was before."""
    text = edit.before + edit.removed + edit.behind
    lines = list(enumerate(text.split("\n"), edit.line - edit.before.count("\n")))
    if len(edit.before) >= AROUND and edit.before.count("\n"):
        lines = lines[1:]  # it may be cut
    if len(edit.behind) >= AROUND and edit.behind.count("\n"):
        lines = lines[:-1]
    return lines


def _text(lines: Iterable[str | None]) -> str | None:
    """Return lines as one text, each with its end; null where one is unknown."""
    found = list(lines)
    return None if None in found else "".join([f"{line}\n" for line in found])


def _known(lines: Iterable[str | None]) -> list[str]:
    """Return lines up to the first unknown one or until there are enough."""
    found: list[str] = []
    length = 0
    for line in lines:
        if line is None or length >= AROUND:
            break
        found.append(line)
        length += len(line) + 1
    return found
