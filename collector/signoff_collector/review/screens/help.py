"""Help screen: lists the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.screens.bars import Bar
from signoff_collector.review.screens.rows_view import RowsView

if TYPE_CHECKING:
    from textual.app import ComposeResult

TEXT: Final = """\
Nothing is shared that you did not keep and sign. Signing sends nothing.

1 Tasks     the proposed parts of the session; Enter keeps one
            s split   j join with the one below   n name   o outcome
2 Summary   what a kept task holds
3 To check  groups of things to look at; one key decides on a whole group:
            x mask   a accept as is   f cut its file   w unmask
            Enter lists all of it: each can be decided on by itself
            A accepts and X masks all that still waits; u takes it back
4 Files     Enter opens one: how it changed between any two moments
            < >  the later moment back and on      a b  choose either moment
            t  as it was, or what changed          v   select, Enter masks it
            x  cut the file                        w   share it whole
            r  as recorded, or as it would be shared: of the final bytes
               once `8` has made them
5 Outputs   outputs, messages and results in full
6 Outside   text from steps that you did not keep; Enter masks it
7 Cut       steps, kinds and files taken out; files and texts added; times
8 Sign      writes the final file, reads it back and shows its digest; then
            the terms, the notice in full, and the signature

everywhere  m   mask a value (not shown)        u   undo the last change
            [ ] another kept task               q   leave; the plan is saved
arrows, page keys, Home and End move; Esc goes back. A mouse is not needed.

Recorded text is spelled out: what would hide, move or colour anything is a mark such as
<U+202E> or ␛. `↪` stands before a row that goes on with the line above."""


class Help(ModalScreen[None]):
    """Key help; q or Escape closes it."""

    DEFAULT_CSS = "Help { background: ansi_default; }"
    BINDINGS: ClassVar = [Binding("escape,q,question_mark", "leave", show=False)]

    def compose(self) -> ComposeResult:
        """Lay out the title above the text."""
        yield Bar(" What the keys do", look="bar")
        yield RowsView()
        yield Bar(" Esc back", look="dim")

    def on_mount(self) -> None:
        """Show it."""
        view = self.query_one(RowsView)
        view.show(TEXT)
        view.focus()

    def action_leave(self) -> None:
        """Close the screen."""
        self.dismiss(None)
