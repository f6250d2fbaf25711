"""Timeline of the whole episode in a few rows, with the current position."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, assert_never

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from signoff_collector.replay.drawing.palette import ACTORS, LOOKS
from signoff_collector.replay.reel import EDIT
from signoff_collector.replay.story import is_green, is_interrupted
from signoff_schemas.steps import (
    CommandStep,
    DiagnosticsStep,
    DiskStep,
    FilesStep,
    FileStep,
    GapStep,
    SeenStep,
    TestsStep,
    ToldStep,
    UnknownStep,
)
from signoff_schemas.words import ACTOR_CLASSES, ActorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style

    from signoff_collector.episode.content import Column
    from signoff_collector.replay.playing import Playing
    from signoff_collector.replay.reel import Reel
    from signoff_schemas.steps import AnyStep

MARKS: Final[Mapping[str, tuple[str, str, str]]] = {
    "red": ("✗", "bad", "tests failed"),
    "green": ("✓", "good", "tests passed"),
    "task": ("★", "strong", "task"),
    "note": ("●", "strong", "note"),
    "gap": ("░", "warning", "gap: nothing recorded"),
    "git": ("◆", "by git", "git"),
    "agent": ("A", "by assistant", "agent"),
    "failed": ("x", "bad", "command failed"),
    "command": ("$", "key", "command"),
    "problem": ("!", "warning", "problems appeared"),
}
"""Mark to sign, style and description. If several fall into one cell, the first one wins."""
_LANES: Final = (
    ("red", "green", "task", "note", "gap"),
    ("git", "agent", "failed", "command", "problem"),
)
_BARS: Final = " ▁▂▃▄▅▆▇█"
_NAMES: Final = tuple(MARKS)


class TimelineIndex:
    """Marks and edit counts of a reel, which can be binned into any number of cells."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        marks = [
            (_NAMES.index(name), step.seq)
            for step in reel.episode.steps
            if (name := _mark_of(step)) is not None
        ]
        self._marks = np.array(marks, np.int64).reshape(-1, 2)
        """Per mark: index of its name, and its place."""
        self._marks[:, 1] = np.searchsorted(reel.seqs, self._marks[:, 1], side="right") - 1
        self._edits = reel.places(frozenset({EDIT}))
        self._rows: dict[tuple[int, bool], list[list[tuple[str, Style]]]] = {}

    def cell(self, place: int, width: int, *, squeezes: bool) -> int:
        """Return the cell of a place."""
        if place < 0 or not self._reel.count:
            return 0
        return int(self._cells(np.array([place]), width, squeezes=squeezes)[0])

    def rows(self, width: int, *, squeezes: bool) -> list[list[tuple[str, Style]]]:
        """Return the rows of marks and the row of edits, cell by cell."""
        key = (width, squeezes)
        if key not in self._rows:
            self._rows = {key: self._counted(width, squeezes=squeezes)}
        return self._rows[key]

    def _cells(self, places: Column, width: int, *, squeezes: bool) -> Column:
        times = self._reel.played_ns if squeezes else self._reel.t_ns
        first, last = int(times[0]), int(times[-1])
        if last == first:
            return np.zeros(len(places), np.int64)
        cells: Column = (times[places] - first) * (width - 1) // (last - first)
        return cells

    def _counted(self, width: int, *, squeezes: bool) -> list[list[tuple[str, Style]]]:
        if not self._reel.count:
            return [[(" ", LOOKS["plain"])] * width for _ in range(len(_LANES) + 1)]
        cells = self._cells(self._marks[:, 1], width, squeezes=squeezes)
        found: list[list[tuple[str, Style]]] = []
        for lane in _LANES:
            best = np.full(width, len(_NAMES), np.int64)
            first, last = _NAMES.index(lane[0]), _NAMES.index(lane[-1])
            here = (self._marks[:, 0] >= first) & (self._marks[:, 0] <= last)
            np.minimum.at(best, cells[here], self._marks[here, 0])
            found.append([_cell(number) for number in best.tolist()])
        found.append(self._edit_row(width, squeezes=squeezes))
        return found

    def _edit_row(self, width: int, *, squeezes: bool) -> list[tuple[str, Style]]:
        cells = self._cells(self._edits, width, squeezes=squeezes)
        counts = np.bincount(cells, minlength=width)
        most = max(1, int(counts.max())) if len(counts) else 1
        heights = -(-counts * (len(_BARS) - 1) // most)
        actors = len(ACTOR_CLASSES)
        of_all = np.bincount(
            cells * actors + self._reel.episode.edits.actor, minlength=width * actors
        )
        busiest = of_all.reshape(-1, actors)[:width].argmax(axis=1)
        return [
            (_BARS[height], ACTORS[ACTOR_CLASSES[actor]].style)
            for height, actor in zip(heights.tolist(), busiest.tolist(), strict=True)
        ]


def _cell(number: int) -> tuple[str, Style]:
    if number >= len(_NAMES):
        return "·", LOOKS["dim"]
    sign, look, _ = MARKS[_NAMES[number]]
    return sign, LOOKS[look]


def _mark_of(step: AnyStep) -> str | None:
    match step:
        case TestsStep():
            return {True: "green", False: "red", None: "command"}[is_green(step)]
        case CommandStep(exit_code=code, signal=signal):
            failed = bool(code or signal) and not is_interrupted(step)
            return "failed" if failed else "command"
        case DiagnosticsStep(appeared=appeared):
            return "problem" if appeared else None
        case GapStep():
            return "gap"
        case FilesStep() if step.actor.cls is ActorClass.ASSISTANT:
            return "agent"
        case FileStep() | DiskStep() | SeenStep() | ToldStep() | UnknownStep():
            return step.kind if step.kind in MARKS else None
        case _:
            assert_never(step)


class Timeline(Widget):
    """Shows marks, edits and position of a player; fewer rows if the screen is low."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Timeline { width: 1fr; height: 4; }"
    FULL_ROWS: ClassVar[int] = len(_LANES) + 2

    def __init__(self, playing: Playing) -> None:
        super().__init__()
        self._playing = playing
        self._index = TimelineIndex(playing.reel)

    def change_reel(self) -> None:
        """Rebuild the index after the player got another reel."""
        self._index = TimelineIndex(self._playing.reel)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render one row: marks first, then edits, then the position."""
        width, height = self.size
        playing = self._playing
        squeezes = playing.squeezes
        here = self._index.cell(playing.place, width, squeezes=squeezes)
        if y == height - 1:
            line = "━" * here + "┃" + "─" * (width - here - 1)
            return Strip(
                [
                    Segment(line[:here], LOOKS["key"]),
                    Segment(line[here : here + 1], LOOKS["cursor"]),
                    Segment(line[here + 1 :], LOOKS["dim"]),
                ]
            )
        rows = self._index.rows(width, squeezes=squeezes)
        if height - 1 < len(rows):
            rows = rows[: height - 1]
        if y >= len(rows):
            return Strip.blank(width)
        return Strip(
            [
                Segment(sign, style + LOOKS["cursor"] if x == here else style)
                for x, (sign, style) in enumerate(rows[y])
            ]
        ).simplify()
