"""One-line bars: titles, status, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from signoff_collector.replay.drawing.palette import LOOKS
from signoff_collector.replay.drawing.shown_text import shown_words

if TYPE_CHECKING:
    from collections.abc import Sequence


class Bar(Widget):
    """One row of styled texts; what does not fit is cut.

    All texts are escaped here, whatever their source.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "Bar { width: 1fr; height: 1; }"

    def __init__(self, text: str = "", *, look: str = "plain", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._look = look
        self._parts: Sequence[tuple[str, str]] = ((text, look),)

    def say(self, *parts: tuple[str, str]) -> None:
        """Set the content: pairs of text and style name."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    @property
    def text(self) -> str:
        """The text as displayed."""
        return "".join(shown_words(text) for text, _ in self._parts)

    def render_line(self, y: int) -> Strip:
        """Render the row."""
        width = self.size.width
        base = LOOKS[self._look]
        if y:
            return Strip.blank(width, base)
        segments = [Segment(shown_words(text), base + LOOKS[look]) for text, look in self._parts]
        return Strip(segments).adjust_cell_length(width, base)
