"""The tabs of the files that editors hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.picture.cells import MORE, Look, put
from signoff_collector.picture.layout import Area, Target

if TYPE_CHECKING:
    from signoff_collector.picture.cells import Piece
    from signoff_collector.picture.panes.drawn import Drawn, Room
    from signoff_collector.picture.scene import OpenFile, Scene

_UNSAVED: Final = "●"
_LONGEST: Final = 28


def draw_tabs(drawn: Drawn, room: Room, scene: Scene) -> tuple[Target, ...]:
    """Draw one row of tabs; where not all fit, those from the one in front on."""
    names = {one.path for one in scene.open_files}
    shown = list(scene.open_files)
    front = next((at for at, one in enumerate(shown) if one.path == scene.path), 0)
    first, taken = front, _cells(shown[front : front + 1])
    while first and taken + _cells(shown[first - 1 : first]) <= room.cells - 2:
        first -= 1
        taken += _cells(shown[first : first + 1])
    found: list[Target] = []
    column = room.column
    if first:
        pieces, column = put(MORE, column, room.end - column, Look("dim", "bar"), is_own=True)
        drawn.add(room.row, pieces)
    for number, one in enumerate(shown[first:]):
        if room.end - column < 4 or (number and room.end - column < _cells([one])):
            drawn.add(
                room.row, put(MORE, column, room.end - column, Look("dim", "bar"), is_own=True)[0]
            )
            break
        is_front = one.path == scene.path
        pieces, end = _tab(one, column, room.end - column, is_front=is_front)
        ground = "tab" if is_front else "bar"
        drawn.areas.append(
            Area(row=room.row, column=column, rows=1, cells=end - column, ground=ground)
        )
        drawn.add(room.row, pieces)
        found.append(Target(path=one.path, row=room.row, column=column, cells=end - column))
        column = end + 1
    if scene.path is not None and scene.path not in names:
        look = Look("text", "tab")
        pieces, end = put(scene.path.rpartition("/")[2], column + 1, room.end - column - 2, look)
        drawn.add(room.row, pieces)
    return tuple(found)


def _tab(one: OpenFile, column: int, room: int, *, is_front: bool) -> tuple[list[Piece], int]:
    look = Look("strong" if is_front else "dim", "tab" if is_front else "bar", is_bold=is_front)
    name = one.path.rpartition("/")[2]
    pieces, end = put(name, column + 1, min(_LONGEST, room - 4), look)
    if one.is_unsaved:
        mark = Look("warning", look.ground)
        sign, end = put(_UNSAVED, end + 1, 1, mark, is_own=True)
        pieces += sign
    return pieces, end + 1


def _cells(tabs: list[OpenFile]) -> int:
    names = (one.path.rpartition("/")[2] for one in tabs)
    return sum(min(_LONGEST, len(name)) + 5 for name in names)
