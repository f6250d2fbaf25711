"""Full-screen pager for command output or another long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.drawing.text_view import TextView
from signoff_collector.replay.masking import unmasked
from signoff_collector.replay.screens.asking import Question
from signoff_collector.replay.screens.bars import Bar, OriginBar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from signoff_collector.replay.drawing.painting import Highlight


class OutputScreen(ModalScreen[None]):
    """The pager; q or Escape closes it."""

    DEFAULT_CSS = "OutputScreen { background: ansi_default; }"
    BINDINGS: ClassVar = [
        Binding("escape,q", "leave", show=False),
        Binding("slash", "search", show=False),
        Binding("greater_than_sign,full_stop", "again(True)", show=False),
        Binding("less_than_sign,comma", "again(False)", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        mask: Callable[[str], str] = unmasked,
        path: str | None = None,
        highlights: Sequence[Highlight] = (),
    ) -> None:
        super().__init__()
        self._heading = title
        self._view = TextView(mask=mask)
        self._view.show_text(text, path=path, highlights=highlights)
        self._words = ""

    @property
    def view(self) -> TextView:
        """The text widget."""
        return self._view

    def compose(self) -> ComposeResult:
        """Lay out the title above the text and the keys below it."""
        yield Bar(self._heading, look="bar")
        yield self._view
        yield OriginBar(
            "q back  / search  > < next, previous  arrows, page keys, home, end", look="dim"
        )

    def action_leave(self) -> None:
        """Close the pager."""
        self.dismiss(None)

    def action_search(self) -> None:
        """Ask for words to search."""
        self.app.push_screen(Question("search: "), self._found)

    def _found(self, words: str | None) -> None:
        if words:
            self._words = words
            self.action_again(forward=True)

    def action_again(self, forward: bool) -> None:
        """Go to the next match, or the previous one."""
        if self._words and not self._view.find(self._words, forward=forward):
            self.app.bell()
