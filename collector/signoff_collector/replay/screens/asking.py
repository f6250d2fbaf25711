"""Prompt on the last row of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input

from signoff_collector.replay.screens.bars import Bar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Question(ModalScreen[str | None]):
    """Asks for text; returns it, or None on cancel."""

    DEFAULT_CSS = """
    Question { background: transparent; align: left bottom; }
    Question Horizontal { height: 1; }
    Question Bar { width: auto; }
    Question Input { width: 1fr; height: 1; border: none; padding: 0; }
    """
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question before the input field."""
        with Horizontal():
            bar = Bar(self._question, look="strong")
            bar.styles.width = len(self._question)
            yield bar
            yield Input(compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text."""
        event.stop()
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Cancel."""
        self.dismiss(None)
