"""From an act to pixels of the frame before it, and from a pixel to what is drawn there.

Each point is checked on the way: what is drawn at it has to be what the act is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_datasets.frames.acts import NOT_IN_FRONT

if TYPE_CHECKING:
    from signoff_collector.picture.layout import Box, Layout
    from signoff_datasets.frames.acts import Act
    from signoff_datasets.frames.world import World

HitKind = Literal["text", "caret", "tab", "file", "terminal"]
NOT_DRAWN: Final = "place_not_drawn"
"""Reason: the place in the text is not on the screen, and no single step brings it there."""
NO_FILE: Final = "file_not_drawn"
"""Reason: neither a tab nor a row of the tree is drawn for the file."""
NO_TERMINAL: Final = "terminal_not_drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What is drawn at a pixel."""

    kind: HitKind
    offset: int = 0
    """In the text in front, in code points."""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A target: its box, and the pixel in its middle."""

    kind: HitKind
    box: Box

    @property
    def x(self) -> int:
        """Pixels from the left."""
        return self.box.x + self.box.width // 2

    @property
    def y(self) -> int:
        """Pixels from the top."""
        return self.box.y + self.box.height // 2


def hit_at(layout: Layout, x: int, y: int) -> Hit | None:
    """Return what is drawn at a pixel; None where nothing is that can be pointed at."""
    for kind, targets in (("tab", layout.tabs), ("file", layout.files)):
        for one in targets:
            if _holds(layout.target_box(one), x, y):
                return Hit(kind="tab" if kind == "tab" else "file", path=one.path)
    terminal = layout.terminal_box()
    if terminal is not None and _holds(terminal, x, y):
        return Hit(kind="terminal")
    offset = layout.offset_at(x, y)
    return None if offset is None else Hit(kind="text", offset=offset)


def _holds(box: Box, x: int, y: int) -> bool:
    return box.x <= x < box.x + box.width and box.y <= y < box.y + box.height


def text_point(layout: Layout, offset: int) -> Point | None:
    """Return where to click so that the cursor comes before a character; None: nowhere."""
    box = layout.text_place(offset)
    if box is None:
        return None
    point = Point(kind="text", box=box)
    hit = hit_at(layout, point.x, point.y)
    return point if hit == Hit(kind="text", offset=offset) else None


def file_point(layout: Layout, path: str) -> Point | None:
    """Return where to click for a file: its tab, else its row of the tree."""
    for kind, targets in (("tab", layout.tabs), ("file", layout.files)):
        for one in targets:
            point = Point(kind="tab" if kind == "tab" else "file", box=layout.target_box(one))
            if one.path == path and hit_at(layout, point.x, point.y) == Hit(
                kind=point.kind, path=path
            ):
                return point
    return None


def terminal_point(layout: Layout) -> Point | None:
    """Return where to click to type into the terminal."""
    box = layout.terminal_box()
    if box is None:
        return None
    point = Point(kind="terminal", box=box)
    return point if hit_at(layout, point.x, point.y) == Hit(kind="terminal") else None


def points_of(act: Act, world: World) -> tuple[Point, ...] | str:
    """Return the points of an act on a frame: none, one, or the two ends of a drag; or why not."""
    layout = world.layout
    if act.kind == "open_file":
        return _one(file_point(layout, act.path or ""), NO_FILE)
    if act.kind == "run_command":
        return _one(terminal_point(layout), NO_TERMINAL)
    if act.path != world.scene.path or world.scene.text is None:
        return NOT_IN_FRONT
    return _places(act, world) if act.has_place else ()


def _one(point: Point | None, reason: str) -> tuple[Point, ...] | str:
    return reason if point is None else (point,)


def _places(act: Act, world: World) -> tuple[Point, ...] | str:
    layout, caret = world.layout, world.scene.caret
    place = min(act.start, act.end), max(act.start, act.end)
    chosen = caret.selections[0] if len(caret.selections) == 1 else (caret.cursor, caret.cursor)
    is_there = place == chosen and len(caret.selections) <= 1 and act.kind != "select_range"
    if is_there and layout.cursor is not None:
        row, column = layout.cursor
        return (Point(kind="caret", box=layout.size.box(row, column, 1)),)
    points = [text_point(layout, one) for one in dict.fromkeys((act.start, act.end))]
    found = tuple(one for one in points if one is not None)
    return found if len(found) == len(points) else NOT_DRAWN
