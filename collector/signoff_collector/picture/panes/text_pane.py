"""The text in front: lines with numbers, syntax colours, selections, masks and diagnostics."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.picture.cells import MORE, Look, Piece, glyphs, joined, put
from signoff_collector.picture.layout import Area, TextRow
from signoff_collector.picture.panes.text_lines import cells_left, chosen_lines
from signoff_collector.picture.syntax_inks import line_inks
from signoff_collector.picture.themes import SEVERITIES
from signoff_collector.replay.drawing.line_index import LineIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.picture.panes.drawn import Drawn, Room
    from signoff_collector.picture.scene import Scene
    from signoff_collector.replay.drawing.mask_signs import MaskSigns
    from signoff_schemas.values import Diagnostic

_LEAST_FOR_NUMBERS: Final = 24
_CHARACTERS_PER_CELL: Final = 3
"""A letter with its marks."""
_NEAR: Final = 4
"""Lines passed over for each that is drawn, before each is looked for by itself."""
_BEHIND: Final = 2
"""Blank cells between a line and the message of its diagnostic."""
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})

Mark = tuple[int, int, str, str]
"""First character of a line, the one behind the last, what it changes of the look, its colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """What the pane tells besides its rows."""

    text_rows: tuple[TextRow, ...] = ()
    cursor: tuple[int, int] | None = None
    assumed: tuple[str, ...] = ()
    has_right_to_left: bool = False


def draw_text(drawn: Drawn, room: Room, scene: Scene, masks: MaskSigns) -> TextPart:
    """Draw the text in front into its room."""
    if scene.text is None or scene.path is None:
        middle = room.row + room.rows // 2
        indent = min(2, max(0, room.cells - 1))
        words = put(scene.why_not, room.column + indent, room.cells - indent, _DIM, is_own=True)[0]
        drawn.add(min(middle, room.row + room.rows - 1), words)
        return TextPart()
    return _Text(drawn, room, scene, masks).draw()


_DIM: Final = Look("dim")


class _Text:
    def __init__(self, drawn: Drawn, room: Room, scene: Scene, masks: MaskSigns) -> None:
        self._drawn = drawn
        self._room = room
        self._scene = scene
        self._masks = masks
        self._lines = LineIndex(scene.text or "")
        has_numbers = room.cells >= _LEAST_FOR_NUMBERS
        self._margin = max(4, len(str(self._lines.count)) + 1) + 1 if has_numbers else 0
        self._cells = room.cells - self._margin
        self._cursor_line = (
            None if scene.caret.cursor is None else self._lines.line_of(scene.caret.cursor)
        )
        self._problems = _by_line(scene)

    def draw(self) -> TextPart:
        chosen = chosen_lines(self._scene, self._lines, self._room.rows)
        left = self._left()
        assumed = (*chosen.assumed, "columns") if left else chosen.assumed
        if not chosen.lines:
            return TextPart(assumed=assumed)
        first, last = min(chosen.lines), max(chosen.lines) + 1
        inks = line_inks(self._lines, self._scene.path or "", first, last)
        rows: list[TextRow] = []
        is_turned = False
        starts = self._starts(first, last, chosen.lines)
        for place, line in enumerate(chosen.lines):
            following = chosen.lines[place + 1 : place + 2]
            is_folded = bool(following) and following[0] > line + 1
            row = self._room.row + place
            raw = self._raw(starts[line], left)
            source = _Source(line, starts[line], raw, tuple(inks.get(line, ())), is_folded)
            rows.append(self._row(row, source, left))
            is_turned = is_turned or _turns(raw)
        return TextPart(
            text_rows=tuple(rows),
            cursor=self._cursor(rows),
            assumed=assumed,
            has_right_to_left=is_turned,
        )

    def _left(self) -> int:
        cursor, line = self._scene.caret.cursor, self._cursor_line
        if cursor is None or line is None:
            return 0
        start = self._lines.start(line)
        return cells_left(self._lines.text[start:cursor], cursor - start, self._cells)

    def _starts(self, first: int, last: int, chosen: Sequence[int]) -> dict[int, int]:
        """Return where lines start; together they are found in one pass, far ones one by one."""
        if last - first > _NEAR * len(chosen):
            return {line: self._lines.start(line) for line in chosen}
        pieces = self._lines.pieces(first, last, 0, 0)
        return {line: start for line, (start, _, _) in enumerate(pieces, start=first)}

    def _raw(self, start: int, left: int) -> str:
        stop = start + (self._cells + left) * _CHARACTERS_PER_CELL
        end = self._lines.text.find("\n", start, stop)
        return self._lines.text[start : stop if end < 0 else end]

    def _row(self, row: int, source: _Source, left: int) -> TextRow:
        line, start, raw, inks, is_folded = source
        problems = self._problems.get(line, ())
        is_current = line == self._cursor_line and not self._scene.caret.selections
        laid = _drawn_line(
            raw, left, self._cells, inks, self._marks(line, start, raw, problems),
            is_current=is_current,
        )  # fmt: skip
        begin = self._room.column + self._margin
        self._number(row, line, is_current=is_current)
        self._drawn.add(row, [one._replace(column=one.column + begin) for one in laid.pieces])
        if is_current:
            whole = Area(
                row=row, column=self._room.column, rows=1, cells=self._room.cells, ground="line"
            )
            self._drawn.areas.append(whole)
        ground = "line" if is_current else "editor"
        end = max((one.column + one.cells for one in laid.pieces), default=0) + begin
        if is_folded:
            fold, end = put(MORE, end, self._room.end - end, Look("dim", ground), is_own=True)
            self._drawn.add(row, fold)
        if problems:
            self._message(row, end, problems, ground)
        return TextRow(
            row=row,
            line=line,
            start=start + laid.skipped,
            columns=tuple(begin + column for column in laid.columns),
            is_cut=laid.is_cut,
        )

    def _number(self, row: int, line: int, *, is_current: bool) -> None:
        if self._margin:
            said = f"{line + 1:>{self._margin - 1}}"
            look = Look("text" if is_current else "dim", "line" if is_current else "editor")
            self._drawn.add(row, put(said, self._room.column, self._margin, look, is_own=True)[0])

    def _marks(
        self, line: int, start: int, raw: str, problems: Sequence[Diagnostic]
    ) -> tuple[Mark, ...]:
        """Return selections, masks and waves of one line, by its characters."""
        stop = start + len(raw)
        found: list[Mark] = [
            (low - start, high - start, "mask", "mask_ground")
            for low, high in self._masks.around(self._lines.text, start, stop)[1]
        ]
        for one in problems:
            if one.range is not None:
                low = one.range.start.column if one.range.start.line == line else 0
                high = one.range.end.column if one.range.end.line == line else len(raw)
                found.append((low, max(high, low + 1), "under", SEVERITIES[one.severity]))
        found += [
            (max(low, start) - start, high - start, "ground", "selection")
            for low, high in self._scene.caret.selections
            if low <= stop and high > start
        ]
        return tuple(found)

    def _message(self, row: int, end: int, problems: Sequence[Diagnostic], ground: str) -> None:
        first = problems[0]
        look = Look(SEVERITIES[first.severity], ground)
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        column = end + _BEHIND
        pieces, behind = put(first.message, column, self._room.end - column, look)
        self._drawn.add(row, pieces)
        if more:
            self._drawn.add(row, put(more, behind, self._room.end - behind, look, is_own=True)[0])

    def _cursor(self, rows: Sequence[TextRow]) -> tuple[int, int] | None:
        cursor = self._scene.caret.cursor
        for one in rows:
            if cursor is not None and one.line == self._cursor_line:
                place = cursor - one.start
                if 0 <= place < len(one.columns):
                    return one.row, one.columns[place]
        return None


def _by_line(scene: Scene) -> dict[int, list[Diagnostic]]:
    """Return the diagnostics of the file in front by each line that they touch."""
    found: dict[int, list[Diagnostic]] = {}
    for path, one in scene.problems:
        if path == scene.path and one.range is not None:
            last = min(one.range.end.line, one.range.start.line + 100)
            for line in range(one.range.start.line, max(one.range.start.line, last) + 1):
                found.setdefault(line, []).append(one)
    return found


class _Source(NamedTuple):
    """A line that is drawn."""

    line: int
    start: int
    raw: str
    inks: tuple[tuple[int, int, str], ...]
    is_folded: bool
    """Whether lines behind it are left out."""


class _Line(NamedTuple):
    pieces: tuple[Piece, ...]
    columns: tuple[int, ...]
    """Of each character drawn, from the left edge of the text, and of the end behind them."""
    skipped: int
    """Characters left out on the left side."""
    is_cut: bool
    """Whether characters are left out on the right side."""


@lru_cache(4096)
def _drawn_line(
    raw: str, left: int, room: int, inks: tuple[tuple[int, int, str], ...], marks: tuple[Mark, ...],
    *, is_current: bool,
) -> _Line:  # fmt: skip
    """Lay out one line; a selection or wave that reaches beyond its end takes one blank cell."""
    line = glyphs(raw)
    looks = _looks(len(raw), inks, marks, "line" if is_current else "editor")
    skipped, gone = 0, 0
    while skipped < len(line) and (gone < left or (left and not line[skipped].cells)):
        gone += line[skipped].cells
        skipped += 1
    looks = [
        look._replace(ink="spelled") if one.is_own else look
        for one, look in zip(line, looks, strict=False)
    ] + looks[len(line) :]
    rest = line[skipped:]
    is_cut = sum(one.cells for one in rest) > room
    pieces, end = joined(rest, looks[skipped:], 0, room - 1 if is_cut else room)
    columns = [0]
    for one in rest:
        if columns[-1] + one.cells > end:
            break
        columns.append(columns[-1] + one.cells)
    behind = looks[len(raw)]
    if is_cut:
        pieces.append(Piece(end, MORE, 1, Look("dim", looks[0].ground), is_own=True))
    elif end < room and (behind.ground == "selection" or behind.under):
        pieces.append(Piece(end, " ", 1, behind, is_own=True))
    return _Line(tuple(pieces), tuple(columns), skipped, is_cut)


def _looks(
    size: int, inks: tuple[tuple[int, int, str], ...], marks: tuple[Mark, ...], ground: str
) -> list[Look]:
    plain = Look(ground=ground)
    looks = [plain] * (size + 1)
    for low, high, ink in inks:
        look = Look(ink, ground)
        for place in range(max(0, low), min(size, high)):
            looks[place] = look
    for low, high, part, colour in marks:
        for place in range(max(0, low), min(size + 1, high)):
            match part:
                case "mask":
                    looks[place] = Look("mask", colour)
                case "under":
                    looks[place] = looks[place]._replace(under=colour)
                case _:
                    looks[place] = looks[place]._replace(ground=colour)
    return looks


@lru_cache(4096)
def _turns(raw: str) -> bool:
    return not raw.isascii() and any(
        unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in raw
    )
