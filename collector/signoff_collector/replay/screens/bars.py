"""One-line bars: titles, status, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from signoff_collector.replay.drawing.mask_signs import mask_signs_of
from signoff_collector.replay.drawing.palette import LOOKS
from signoff_collector.replay.drawing.shown_text import shown_words
from signoff_collector.replay.screens.safe_app import SafeApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style


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
        return self._strip(width, base)

    def _strip(self, width: int, base: Style) -> Strip:
        signs = mask_signs_of(self.app)
        segments = [
            segment
            for text, look in self._parts
            for segment in signs.segments(shown_words(text), base + LOOKS[look])
        ]
        return Strip(segments).adjust_cell_length(width, base)


class OriginBar(Bar):
    """The first or last row of a full screen: at its right it says which recording this is.

    What does not fit beside that is cut.
    """

    @property
    def room(self) -> int:
        """How many cells there are for what the screen itself says."""
        return max(0, self.size.width - cell_len(self._origin))

    @property
    def _origin(self) -> str:
        said = self.app.origin if isinstance(self.app, SafeApp) else ""
        return f"  {shown_words(said)} " if said else ""

    def _strip(self, width: int, base: Style) -> Strip:
        room = min(width, self.room)
        said = super()._strip(room, base)
        return Strip([*said, Segment(self._origin, base)]).adjust_cell_length(width, base)
