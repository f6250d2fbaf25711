"""Help screen: lists the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.screens.bars import Bar, OriginBar
from signoff_collector.review.screens.rows_view import RowsView
from signoff_schemas.keys import help_lines

if TYPE_CHECKING:
    from textual.app import ComposeResult

TEXT: Final = """\
Nothing is shared that you did not include and sign. Signing sends nothing.

{keys}

In a long text arrows, page keys, Home and End move. A mouse is not needed.

Recorded text is spelled out: what would hide, move or colour anything is a mark such as
<U+202E> or ␛. `↪` stands before a row that goes on with the line above."""


class Help(ModalScreen[None]):
    """Key help; q or Escape closes it."""

    DEFAULT_CSS = "Help { background: ansi_default; }"
    BINDINGS: ClassVar = [Binding("escape,q,question_mark", "leave", show=False)]

    def __init__(self, place: str) -> None:
        super().__init__()
        self._keys = "\n".join(help_lines(place))

    def compose(self) -> ComposeResult:
        """Lay out the title above the text."""
        yield Bar(" What the keys do", look="bar")
        yield RowsView()
        yield OriginBar(" Esc back", look="dim")

    def on_mount(self) -> None:
        """Show it."""
        view = self.query_one(RowsView)
        view.show(TEXT.format(keys=self._keys))
        view.focus()

    def action_leave(self) -> None:
        """Close the screen."""
        self.dismiss(None)
