"""Scrollable text widget: only visible lines are processed, so any size works."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_collector.replay.drawing.mask_signs import mask_signs_of
from signoff_collector.replay.drawing.painting import Highlight, Page, Window, margin_width, paint
from signoff_collector.replay.masking import unmasked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events

_SIDEWAYS: Final = 16
_MARGIN_LINES: Final = 3


class TextView(Widget, can_focus=True):
    """Shows a `Page` and scrolls it by keys.

    Recorded text reaches the terminal only as cells made by `painting`, never as markup.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "TextView { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup,b", "turn(-1)", show=False),
        Binding("pagedown,space", "turn(1)", show=False),
        Binding("home", "go_to(0)", show=False),
        Binding("end", "end", show=False),
        Binding("left", "sideways(-1)", show=False),
        Binding("right", "sideways(1)", show=False),
    ]

    def __init__(self, *, mask: Callable[[str], str] = unmasked, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._mask = mask
        self._page = Page(lines=LineIndex(""))
        self._top = 0
        self._left = 0
        self._anchor: int | None = None
        """Offset that stays visible when the window is resized."""
        self._rows: list[Strip] = []
        self.has_seen_end = False
        """Whether the last line of this text was ever visible."""

    # What is shown

    @property
    def page(self) -> Page:
        """The current page."""
        return self._page

    @property
    def top(self) -> int:
        """Number of the first visible line."""
        return self._top

    def show_text(
        self,
        text: str,
        *,
        highlights: Sequence[Highlight] = (),
        signs: Mapping[int, tuple[str, str]] | None = None,
        path: str | None = None,
    ) -> None:
        """Show another text from its beginning."""
        self.show_page(
            Page(lines=LineIndex(text), highlights=highlights, signs=signs, path=path), top=0
        )

    def show_page(self, page: Page, *, top: int | None = None) -> None:
        """Show another page; without `top` the scroll position stays."""
        if page.lines.text is not self._page.lines.text:
            self.has_seen_end = False
        self._page = page
        if top is not None:
            self._left = 0
        self._place(self._top if top is None else top)

    def choose(self, line: int) -> None:
        """Highlight one line, and scroll to it."""
        self._page = replace(self._page, chosen=line)
        self.bring(line)

    def bring(self, line: int, column: int = 0) -> None:
        """Scroll as little as needed to make a position visible, with some context lines."""
        height = max(1, self.size.height)
        margin = min(_MARGIN_LINES, (height - 1) // 2)
        top = self._top
        if not top + margin <= line < top + height - margin:
            is_near = top - height < line < top + 2 * height
            up = line - margin if line < top + margin else line - height + 1 + margin
            top = up if is_near else line - height // 2
        room = max(1, self.size.width - margin_width(self._page) - 2)
        if column < room:
            self._left = 0
        elif not self._left + 2 <= column < self._left + room:
            self._left = max(0, column - room // 2)
        self._place(top)

    def bring_offset(self, offset: int) -> None:
        """Scroll to a character, and keep it visible when the window is resized."""
        lines = self._page.lines
        line = lines.line_of(offset)
        self.bring(line, offset - lines.start(line))
        self._anchor = offset

    def go_to_line(self, line: int) -> None:
        """Scroll a line to the top."""
        self._place(line)

    def find(self, words: str, *, forward: bool = True) -> bool:
        """Find the next, or the previous, line with some words, case-insensitively."""
        if not words:
            return False
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        lines = self._page.lines
        here = self._top if self._page.chosen is None else self._page.chosen
        if forward:
            found = pattern.search(lines.text, lines.start(here + 1))
        else:
            found = None
            for found in pattern.finditer(lines.text, 0, lines.start(here)):  # noqa: B007
                pass
        if found is None:
            return False
        hit = Highlight(start=found.start(), end=found.end(), look="hit")
        line = lines.line_of(found.start())
        self._page = replace(self._page, highlights=(hit,), chosen=None)
        self.bring(line, found.start() - lines.start(line))
        self._place(line)
        return True

    # Moving

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self._place(self._top + lines)

    def action_turn(self, pages: int) -> None:
        """Scroll by pages."""
        self._place(self._top + pages * max(1, self.size.height - 1))

    def action_go_to(self, line: int) -> None:
        """Scroll to a line."""
        self._left = 0
        self._place(line)

    def action_end(self) -> None:
        """Scroll to the end."""
        self._place(self._page.lines.count)

    def action_sideways(self, steps: int) -> None:
        """Scroll sideways."""
        self._left = max(0, self._left + steps * _SIDEWAYS)
        self._place(self._top)

    def _place(self, top: int) -> None:
        highest = max(0, self._page.lines.count - max(1, self.size.height))
        self._top = max(0, min(top, highest))
        self._anchor = None
        if self.size.height:
            self._repaint()

    # Drawing

    def _repaint(self) -> None:
        """Render again, and send only changed rows: the connection may be slow."""
        rows = self._painted()
        if len(rows) != len(self._rows):
            self._rows = rows
            self.refresh()
            return
        changed = [y for y, row in enumerate(rows) if row != self._rows[y]]
        self._rows = rows
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _painted(self) -> list[Strip]:
        width, height = self.size
        if self._top + height >= self._page.lines.count:
            self.has_seen_end = True
        window = Window(top=self._top, left=self._left, width=width, height=height)
        return paint(self._page, window, self._mask, mask_signs_of(self.app))

    def on_resize(self, event: events.Resize) -> None:
        """Show what now fits."""
        del event
        self._rows = []
        anchor = self._anchor
        self._place(self._top)
        if anchor is not None:
            self.bring_offset(anchor)

    def render_line(self, y: int) -> Strip:
        """Render one row."""
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width)
