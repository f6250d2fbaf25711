"""How an edit and what came before it are written as text, for training and asking alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from experiments.worth.examples import Edit

BEFORE: Final = 160
BEHIND: Final = 80
"""Characters of a place: two thirds before it. With eight bursts they fill 512 bytes."""
LINE: Final = 60
REMOVED: Final = 80
INSERTED: Final = 120
VIEWED: Final = 40
"""Characters of the end of a path."""

BURST_MARK: Final = "\x11"
REMOVED_MARK: Final = "\x12"
INSERTED_MARK: Final = "\x13"
BEHIND_MARK: Final = "\x14"
BEFORE_MARK: Final = "\x15"
TARGET_MARK: Final = "\x16"
END_MARK: Final = "\x17"
PAUSE_MARKS: Final = "\x18\x19\x1a\x1b\x1c"
PAUSES_MS: Final = (5_000, 15_000, 60_000, 600_000)
"""The first mark is for pauses below the first of these, the last for those of the last or more."""
AUTHOR_MARK: Final = "\x1d"
VIEW_MARK: Final = "\x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Which marks lead the bursts of a history; without one it is an ablation."""

    times: bool = True
    views: bool = True
    authors: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """An edit to train on or to be asked about."""

    edit: Edit
    history: tuple[Edit, ...]
    """Oldest first."""
    room: tuple[Edit, ...] = ()
    """A history that is not told; the text before the place is longer by as much instead."""

    def with_target(self, inserted: str) -> Example:
        """Return the same place and history with another text to insert."""
        return replace(self, edit=replace(self.edit, inserted=inserted))

    def prompt(self, marks: Marks) -> str:
        """Return what is known: history, what stands behind the place, what stands before it.

        What stands before comes last, so that the text to insert follows it as in the file.
        """
        length = BEFORE + sum(len(_burst(edit, marks)) for edit in self.room)
        history = "".join([_burst(edit, marks) for edit in self.history])
        behind = self.edit.behind[:BEHIND]
        return f"{history}{BEHIND_MARK}{behind}{BEFORE_MARK}{self.edit.before[-length:]}"


def _burst(edit: Edit, marks: Marks) -> str:
    """Return one burst of a history with the marks that its source tells."""
    line = edit.before.rsplit("\n", 1)[-1][-LINE:]
    pause, author, views = "", "", ""
    if marks.times and edit.pause_ms is not None:
        pause = PAUSE_MARKS[sum(edit.pause_ms >= limit for limit in PAUSES_MS)]
    if marks.authors and edit.author != "unknown":
        author = AUTHOR_MARK + edit.author
    if marks.views:
        views = "".join([VIEW_MARK + path[-VIEWED:] for path in edit.views[-2:]])
    removed, inserted = edit.removed[-REMOVED:], edit.inserted[-INSERTED:]
    return (
        f"{pause}{author}{views}{BURST_MARK}{line}{REMOVED_MARK}{removed}{INSERTED_MARK}{inserted}"
    )
