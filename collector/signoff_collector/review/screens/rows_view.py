"""Scrollable view of a recorded text of any size, hard-wrapped so that nothing is cut off.

Only visible rows are escaped, and row offsets are computed incrementally, so that 100 MB open at
once. While selecting, the cursor moves over characters of the original text.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from signoff_collector.replay.drawing.mask_signs import mask_signs_of
from signoff_collector.replay.drawing.palette import LOOKS
from signoff_collector.text.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events

    from signoff_collector.text.rows import Row

_AT_ONCE: Final = 2000
"""Rows computed per batch, before the next key press is handled."""
_GUTTER: Final = 1
_CONTINUED: Final = "↪"


def _runs(shown: str, in_mask: set[int]) -> Iterator[tuple[bool, str]]:
    """Yield the stretches of a row that are masks or are none."""
    for is_mask, places in groupby(range(len(shown)), key=in_mask.__contains__):
        yield is_mask, "".join(shown[place] for place in places)


class RowsView(ScrollView, can_focus=True):
    """View of one text; who shows it may begin a selection, and take it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RowsView { width: 1fr; height: 1fr; background: ansi_default; }"
    BINDINGS: ClassVar = [
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("space", "page_down", show=False),
    ]

    class Taken(Message):
        """Event: the characters from `start` up to, not including, `end` were selected."""

        def __init__(self, start: int, end: int) -> None:
            super().__init__()
            self.start = start
            self.end = end

    class Sideways(Message):
        """Event: right (1) or left (-1) was pressed, and nothing is being selected."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, look_of: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._look_of = look_of
        self._rows = Rows("", 80)
        self._wants_end = False
        self._gone_to: int | None = None
        self._cursor: tuple[int, int] | None = None
        self._anchor: int | None = None
        self.can_select = False

    @property
    def text(self) -> str:
        """The original recorded text."""
        return self._rows.text

    @property
    def is_complete(self) -> bool:
        """Whether all row offsets are computed."""
        return self._rows.is_complete

    def show(self, text: str, *, can_select: bool = False) -> None:
        """Show another text from its beginning."""
        self.can_select = can_select
        self._cursor = self._anchor = None
        self._wants_end = False
        self._gone_to = None
        self._rows = Rows(text, self._width)
        self.scroll_to(0, 0, animate=False, force=True)
        self._find_more()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again if the width changed."""
        del event
        if self._rows.width != self._width:
            here = self._rows.row(self._top).start if len(self._rows) else 0
            self._rows = Rows(self._rows.text, self._width)
            while not self._rows.is_complete and not self._has(here):
                self._rows.advance(_AT_ONCE)
            self._cursor = self._anchor = None
            self._find_more()
            self.scroll_to(0, self._rows.row_of(here), animate=False, force=True)

    @property
    def _width(self) -> int:
        return max(8, self.size.width - _GUTTER - self.scrollbar_size_vertical)

    @property
    def _top(self) -> int:
        return min(int(self.scroll_offset.y), max(0, len(self._rows) - 1))

    def _has(self, offset: int) -> bool:
        return len(self._rows) > 0 and self._rows.row(len(self._rows) - 1).start >= offset

    def _find_more(self) -> None:
        """Compute a batch of row offsets, and schedule the next one."""
        rows = self._rows
        rows.advance(_AT_ONCE)
        self.virtual_size = Size(self._width, len(rows))
        if self._wants_end:
            self.scroll_to(0, len(rows), animate=False, force=True)
        if rows.is_complete:
            self._wants_end = False
        else:
            self.set_timer(0.001, lambda: self._find_more() if rows is self._rows else None)
        self.refresh()

    # Moving and selecting

    def action_first(self) -> None:
        """Scroll to the beginning."""
        self._wants_end = False
        self.scroll_to(0, 0, animate=False, force=True)

    def action_scroll_right(self) -> None:
        """Tell it: rows are wrapped, so there is nothing to the right."""
        self.post_message(self.Sideways(1))

    def action_scroll_left(self) -> None:
        """Tell it."""
        self.post_message(self.Sideways(-1))

    def go_to_line(self, begins: str, by: int) -> bool:
        """Scroll to the next line that begins so, or the previous one; return whether one is there.

        The last lines of a text stand where the view ends: a line is counted as reached when it is
        the one that was gone to last.
        """
        text, here = self._rows.text, self._gone_to
        if here is None:
            here = self._rows.row(self._top).line_start if len(self._rows) else 0
            here -= by > 0 and self._top == 0
        at = self._line_beside(text, begins, here, by)
        if at is None:
            return False
        while not self._rows.is_complete and not self._has(at):
            self._rows.advance(_AT_ONCE)
        self._gone_to = at
        self._find_more()
        self.scroll_to(0, self._rows.row_of(at), animate=False, force=True)
        return True

    @staticmethod
    def _line_beside(text: str, begins: str, here: int, by: int) -> int | None:
        """Return the offset of the nearest line after, or before, an offset that begins so."""
        if by > 0:
            if here < 0 and text.startswith(begins):
                return 0
            at = text.find(f"\n{begins}", max(here, 0))
        else:
            at = text.rfind(f"\n{begins}", 0, max(here, 0))
            if at < 0:
                return 0 if here > 0 and text.startswith(begins) else None
        return at + 1 if at >= 0 else None

    def action_last(self) -> None:
        """Scroll to the end, once its row is known."""
        self._wants_end = not self._rows.is_complete
        self.scroll_to(0, len(self._rows), animate=False, force=True)

    def action_begin(self) -> None:
        """Start a selection at the top visible row; a second call sets the anchor at the cursor."""
        if not self.can_select:
            return
        if self._cursor is None:
            self._cursor, self._anchor = (self._top, 0), None
        else:
            self._anchor = self._place
        self.refresh()

    def leave_selecting(self) -> bool:
        """End the selection mode; return whether it was active."""
        was = self._cursor is not None
        self._cursor = self._anchor = None
        self.refresh()
        return was

    def action_take(self) -> None:
        """Post the selection, from anchor to cursor inclusive."""
        if self._cursor is None:
            return
        low, high = self._selected
        self.leave_selecting()
        if high > low:
            self.post_message(self.Taken(low, high))

    @property
    def _place(self) -> int:
        row, column = self._cursor or (0, 0)
        return self._rows.row(row).place(column)

    @property
    def _selected(self) -> tuple[int, int]:
        here = self._place
        there = here if self._anchor is None else self._anchor
        return min(here, there), min(max(here, there) + 1, len(self._rows.text))

    def on_key(self, event: events.Key) -> None:
        """Move the cursor while selecting."""
        if self._cursor is None:
            return
        row, column = self._cursor
        match event.key:
            case "up" | "down":
                row += 1 if event.key == "down" else -1
            case "left" | "right":
                row, column = self._beside(row, column, 1 if event.key == "right" else -1)
            case "home":
                column = 0
            case "end":
                column = max(0, len(self._rows.row(row).shown) - 1)
            case "pageup" | "pagedown":
                row += self.size.height * (1 if event.key == "pagedown" else -1)
            case _:
                return
        event.stop()
        event.prevent_default()
        row = max(0, min(row, len(self._rows) - 1))
        self._cursor = (row, max(0, min(column, len(self._rows.row(row).shown) - 1)))
        self._show_row(row)
        self.refresh()

    def _beside(self, row: int, column: int, step: int) -> tuple[int, int]:
        """Return the position of the next visible character, on the next row if needed."""
        shown = self._rows.row(row)
        here, width = shown.place(column), len(shown.shown)
        column += step
        while 0 <= column < width and shown.place(column) == here:
            column += step
        if column >= width and row + 1 < len(self._rows):
            return row + 1, 0
        if column < 0 and row > 0:
            return row - 1, max(0, len(self._rows.row(row - 1).shown) - 1)
        return row, max(0, min(column, width - 1))

    def _show_row(self, row: int) -> None:
        height = max(1, self.size.height)
        if row < self._top:
            self.scroll_to(0, row, animate=False, force=True)
        elif row >= self._top + height:
            self.scroll_to(0, row - height + 1, animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Render one row."""
        number = int(self.scroll_offset.y) + y
        width = self.size.width
        if number >= len(self._rows):
            return Strip.blank(width)
        row = self._rows.row(number)
        look = "plain"
        if self._look_of is not None:
            look = self._look_of(self._rows.text[row.line_start : row.line_start + 4])
        mark = _CONTINUED if row.is_continued else " "
        segments = [Segment(mark, LOOKS["dim"]), *self._segments(number, row, look)]
        return Strip(segments).adjust_cell_length(width)

    def _with_signs(self, row: Row) -> tuple[str, set[int]]:
        """Return what a row shows, with a sign for each mask, and the columns of those."""
        if not row.shown:
            return row.shown, set()
        last = row.place(len(row.shown) - 1) + 1
        signs = mask_signs_of(self.app)
        drawn, masks = signs.around(self._rows.text, row.start, last)
        if not masks:
            return row.shown, set()
        chars, in_mask = list(row.shown), set[int]()
        for column in range(len(chars)):
            place = row.place(column)
            if any(low <= place < high for low, high in masks):
                chars[column] = drawn[place - row.start]
                in_mask.add(column)
        return "".join(chars), in_mask

    def _segments(self, number: int, row: Row, look: str) -> list[Segment]:
        style = LOOKS[look]
        shown, in_mask = self._with_signs(row)
        if self._cursor is None:
            return [
                Segment(chars, LOOKS["mask"] if is_mask else style)
                for is_mask, chars in _runs(shown, in_mask)
            ]
        low, high = self._selected
        here = self._cursor[1] if number == self._cursor[0] else None
        made: list[Segment] = []
        for column, char in enumerate(shown or " "):
            is_in = low <= row.place(column) < high and bool(row.shown)
            own = LOOKS["mask"] if column in in_mask else style
            chosen = LOOKS["hit"] if column == here else LOOKS["chosen"] if is_in else own
            made.append(Segment(char, chosen))
        return made
