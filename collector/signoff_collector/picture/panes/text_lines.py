"""Which lines of the text in front are drawn, and how far the text is moved to the left."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from signoff_collector.picture.cells import glyphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.picture.scene import Scene
    from signoff_collector.replay.drawing.line_index import LineIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The lines that are drawn."""

    lines: tuple[int, ...]
    assumed: tuple[str, ...]


def chosen_lines(scene: Scene, lines: LineIndex, rows: int) -> Chosen:
    """Return the lines that are drawn from top to bottom: as recorded, as far as they fit.

    Where they were not recorded, or the cursor left them since, the window follows the cursor in
    steps of half its height, so that it does not tremble while somebody types.
    """
    cursor = None if scene.caret.cursor is None else lines.line_of(scene.caret.cursor)
    told = _told(scene, lines.count)
    is_below = (
        bool(told) and cursor is not None and told[-1] < cursor < told[-1] + 1 + rows - len(told)
    )
    if not told or (cursor is not None and cursor not in told and not is_below):
        first = _followed(cursor, rows)
        return Chosen(lines=tuple(range(first, min(lines.count, first + rows))), assumed=("view",))
    if len(told) > rows:
        at = 0 if cursor is None else max(0, told.index(cursor) - rows + 1)
        return Chosen(lines=tuple(told[at : at + rows]), assumed=("view_part",))
    more = range(told[-1] + 1, min(lines.count, told[-1] + 1 + rows - len(told)))
    return Chosen(lines=(*told, *more), assumed=("view_end",) if more else ())


def cells_left(line: str, column: int, room: int) -> int:
    """Return how many cells of the text are left out on its left side.

    Args:
        line: the line of the cursor.
        column: of the cursor, in code points.
        room: cells of a row.
    """
    if column < room // 2:
        return 0
    part = line[:column]
    cells = (
        len(part)
        if part.isascii() and part.isprintable()
        else sum(one.cells for one in glyphs(part))
    )
    half = max(1, room // 2)
    return 0 if cells < room - 1 else (cells // half - 1) * half


def _told(scene: Scene, count: int) -> list[int]:
    """Return the lines recorded as visible, as far as the text has them."""

    def each() -> Iterator[int]:
        before = -1
        for span in scene.visible:
            first = max(span.first, before + 1)
            yield from range(first, min(span.last + 1, count))
            before = max(before, span.last)

    return list(islice(each(), 10_000))


def _followed(cursor: int | None, rows: int) -> int:
    if cursor is None or cursor < rows - 1:
        return 0
    half = max(1, rows // 2)
    return max(0, (cursor // half) * half - half // 2)
