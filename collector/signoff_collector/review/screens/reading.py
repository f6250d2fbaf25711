"""Full-screen pager for one long text, wrapped; q or Escape closes it."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.screens.bars import Bar, OriginBar
from signoff_collector.review.screens.rows_view import RowsView

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Reading(ModalScreen[None]):
    """The pager."""

    DEFAULT_CSS = "Reading { background: ansi_default; }"
    BINDINGS: ClassVar = [Binding("escape,q", "leave", show=False)]

    def __init__(self, title: str, text: str, *, is_prose: bool = False) -> None:
        super().__init__()
        self._heading = title
        self._text = text
        self._is_prose = is_prose

    def compose(self) -> ComposeResult:
        """Lay out the title above the text and the keys below it."""
        yield Bar(f" {self._heading}", look="bar")
        yield RowsView()
        yield OriginBar(" Esc back  arrows, page keys, Home, End move", look="dim")

    def on_mount(self) -> None:
        """Show the text."""
        view = self.query_one(RowsView)
        width = max(20, self.app.size.width - 3)
        view.show(_at_words(self._text, width) if self._is_prose else self._text)
        view.focus()

    def action_leave(self) -> None:
        """Close the pager."""
        self.dismiss(None)


def _at_words(text: str, width: int) -> str:
    """Return our own prose wrapped at word boundaries."""
    return "\n".join(fill(line, width) for line in text.split("\n"))
