"""The tree of the files that the episode knows at a moment."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.picture.cells import Look, put
from signoff_collector.picture.layout import Area, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.picture.panes.drawn import Drawn, Room
    from signoff_collector.picture.scene import Scene

_OPEN, _CLOSED = "▾", "▸"
_INDENT: Final = 2
_SMALL: Final = 40
"""A tree of at most so many files is drawn with all its folders open."""


class TreeRow(NamedTuple):
    """A line of the tree."""

    path: str
    depth: int
    is_folder: bool
    is_open: bool


def draw_files(
    drawn: Drawn, room: Room, scene: Scene
) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    """Draw the tree; return where its files are, and its folders."""
    drawn.add(
        room.row, put("FILES", room.column + 1, room.cells - 1, Look("dim", "side"), is_own=True)[0]
    )
    opened = frozenset(one.path for one in scene.open_files) | {scene.path or ""}
    rows = tree_rows(scene.files, opened)
    height = room.rows - 1
    at = next((place for place, one in enumerate(rows) if one.path == scene.path), 0)
    first = max(0, min(len(rows) - height, at - height // 2))
    files: list[Target] = []
    folders: list[Target] = []
    for place, one in enumerate(rows[first : first + height]):
        row = room.row + 1 + place
        is_front = one.path == scene.path and not one.is_folder
        ground = "chosen" if is_front else "side"
        if is_front:
            drawn.areas.append(
                Area(row=row, column=room.column, rows=1, cells=room.cells, ground=ground)
            )
        column = min(room.column + 1 + one.depth * _INDENT, room.end - 4)
        sign = (_OPEN if one.is_open else _CLOSED) if one.is_folder else " "
        drawn.add(row, put(sign, column, 1, Look("dim", ground), is_own=True)[0])
        look = Look("strong" if is_front else "text", ground, is_bold=is_front)
        name = one.path.rpartition("/")[2]
        drawn.add(row, put(name, column + 2, room.end - column - 3, look)[0])
        found = folders if one.is_folder else files
        found.append(Target(path=one.path, row=row, column=room.column, cells=room.cells))
    return tuple(files), tuple(folders)


@lru_cache(16)
def tree_rows(files: tuple[str, ...], opened: frozenset[str]) -> tuple[TreeRow, ...]:
    """Return the lines of the tree, folders first.

    Folders with an open file below are open; in a small tree all are.
    """
    folders: dict[str, set[str]] = {}
    names: dict[str, list[str]] = {}
    for path in files:
        names.setdefault(_above(path), []).append(path)
        for folder in _folders(path):
            folders.setdefault(_above(folder), set()).add(folder)
    wanted = {folder for path in opened for folder in _folders(path)}
    is_small = len(files) <= _SMALL
    found: list[TreeRow] = []

    def below(folder: str, depth: int) -> list[TreeRow]:
        own = [
            TreeRow(one, depth, is_folder=True, is_open=is_small or one in wanted)
            for one in sorted(folders.get(folder, ()))
        ]
        own += [
            TreeRow(one, depth, is_folder=False, is_open=False) for one in names.get(folder, ())
        ]
        return own[::-1]

    waiting = below("", 0)
    while waiting:
        one = waiting.pop()
        found.append(one)
        if one.is_open:
            waiting += below(one.path, one.depth + 1)
    return tuple(found)


def _folders(path: str) -> Iterator[str]:
    """Yield the folders above a path, the nearest first."""
    folder = _above(path)
    while folder:
        yield folder
        folder = _above(folder)


def _above(path: str) -> str:
    return path.rpartition("/")[0]
