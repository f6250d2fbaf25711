"""The terminal's last output, and beside it the problems that stand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.cells import Glyph, Look, Piece, glyphs, joined, put
from signoff_collector.picture.layout import Area
from signoff_collector.picture.themes import SEVERITIES

if TYPE_CHECKING:
    from signoff_collector.picture.panes.drawn import Drawn, Room
    from signoff_collector.picture.scene import Scene
    from signoff_collector.picture.terminal_tail import TerminalLine

PROMPT: Final = "$ "
_LOOKS: Final = {
    "command": Look("strong", "panel", is_bold=True),
    "output": Look("text", "panel"),
    "left_out": Look("dim", "panel"),
    "failed": Look("error", "panel"),
}
_HEAD: Final = Look("dim", "bar")
_LABEL: Final = Look("dim", "panel")
_LEAST_FOR_PROBLEMS: Final = 70
_LONGEST: Final = 2_000
"""Characters of a line of output that are drawn."""


def draw_panel(drawn: Drawn, room: Room, scene: Scene) -> int:
    """Draw the terminal, and the problems where there is room; return the row of the prompt."""
    drawn.areas.append(
        Area(row=room.row, column=room.column, rows=1, cells=room.cells, ground="bar")
    )
    is_beside = bool(scene.problems) and room.cells >= _LEAST_FOR_PROBLEMS
    share = room.cells * 3 // 5 if is_beside else room.cells
    last = room.row + room.rows - 1
    cells = share - 2
    drawn.add(room.row, put("TERMINAL", room.column + 1, cells, _HEAD, is_own=True)[0])
    shown = _last_rows(scene.terminal, cells, room.rows - 2)
    for place, pieces in enumerate(shown):
        moved = [one._replace(column=one.column + room.column + 1) for one in pieces]
        drawn.add(room.row + 1 + place, moved)
    prompt = min(room.row + 1 + len(shown), last)
    if room.rows > 1:
        drawn.add(prompt, put(PROMPT, room.column + 1, cells, _LABEL, is_own=True)[0])
    if is_beside:
        _problems(drawn, room, room.column + share, scene)
    return prompt


def _last_rows(lines: tuple[TerminalLine, ...], cells: int, height: int) -> list[tuple[Piece, ...]]:
    """Return the last rows of the terminal's lines, as many as fit."""
    found: list[tuple[Piece, ...]] = []
    for line in reversed(lines):
        if len(found) >= height:
            break
        found = [*_wrapped(line, cells), *found]
    return found[-height:] if height > 0 else []


@lru_cache(4096)
def _wrapped(line: TerminalLine, room: int) -> tuple[tuple[Piece, ...], ...]:
    """Return the rows that a line of the terminal takes."""
    look = _LOOKS[line.kind]
    lead = [Glyph(char, 1, is_own=True) for char in PROMPT] if line.kind == "command" else []
    raw = line.text if len(line.text) <= _LONGEST else line.text[:_LONGEST]
    shown = glyphs(raw, column=len(lead))
    if line.is_own:
        shown = [one._replace(is_own=True) for one in shown]
    left = [*lead, *shown]
    looks = [_LABEL] * len(lead) + [look] * len(shown)
    found: list[tuple[Piece, ...]] = []
    while left:
        pieces, end = joined(left, looks, 0, room)
        if not end:
            break
        taken, cells = 0, 0
        while taken < len(left) and cells + left[taken].cells <= end:
            cells += left[taken].cells
            taken += 1
        found.append(tuple(pieces))
        left, looks = left[taken:], looks[taken:]
    return tuple(found) or ((),)


def _problems(drawn: Drawn, room: Room, column: int, scene: Scene) -> None:
    """List the problems of all files beside the terminal."""
    cells = room.end - column - 2
    count = len(scene.problems)
    said = f"PROBLEMS {count}"
    drawn.add(room.row, put(said, column + 2, cells, _HEAD, is_own=True)[0])
    for place, (path, one) in enumerate(scene.problems[: room.rows - 1]):
        row, end = room.row + 1 + place, column + 2
        name = (path or "").rpartition("/")[2]
        pieces, end = put(name, end, room.end - end, _LABEL)
        if one.range is not None:
            number, end = put(
                f":{one.range.start.line + 1}", end, room.end - end, _LABEL, is_own=True
            )
            pieces += number
        look = Look(SEVERITIES[one.severity], "panel")
        pieces += put(one.message, end + 1, room.end - end - 1, look)[0]
        drawn.add(row, pieces)
