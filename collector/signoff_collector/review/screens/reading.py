"""One long text on the whole screen, wrapped, until q or Escape."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.screens.bars import Bar
from signoff_collector.review.screens.rows_view import RowsView

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Reading(ModalScreen[None]):
    """Shows a text."""

    DEFAULT_CSS = "Reading { background: ansi_default; }"
    BINDINGS: ClassVar = [Binding("escape,q", "leave", show=False)]

    def __init__(self, title: str, text: str, *, keys: str = "") -> None:
        super().__init__()
        self._heading = title
        self._text = text
        self._keys = keys or "arrows, page keys, Home, End move  Esc back"

    def compose(self) -> ComposeResult:
        """Put a title over the text and the keys below it."""
        yield Bar(f" {self._heading}", look="bar")
        yield RowsView()
        yield Bar(f" {self._keys}", look="dim")

    def on_mount(self) -> None:
        """Show the text."""
        view = self.query_one(RowsView)
        view.show(self._text)
        view.focus()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
