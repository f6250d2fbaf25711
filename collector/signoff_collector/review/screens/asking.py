"""Modal prompts: text, hidden text, a choice, yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from signoff_collector.review.screens.plain import Plain
from signoff_collector.screen.console import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

BOX: Final = """
    align: center middle;
    background: transparent;
    Vertical { width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
               border: solid ansi_default; background: ansi_default; }
    Plain { width: 1fr; height: auto; }
    .hint { text-style: dim; }
"""


class Words(ModalScreen[str | None]):
    """Prompt for a line of text; returns None on cancel."""

    DEFAULT_CSS = f"Words {{ {BOX} }}"
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def __init__(
        self,
        question: str,
        *,
        value: str = "",
        is_hidden: bool = False,
        hint: str = "Enter takes it   Esc leaves",
    ) -> None:
        super().__init__()
        self._hint = hint
        self._question = question
        self._value = value
        self._is_hidden = is_hidden

    def compose(self) -> ComposeResult:
        """Lay out the question above the input field."""
        with Vertical():
            yield Plain(self._question)
            yield Input(self._value, password=self._is_hidden, compact=True, highlighter=None)
            yield Plain(self._hint, classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text."""
        event.stop()
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Cancel."""
        self.dismiss(None)


class OneOf(ModalScreen[int | None]):
    """Prompt for one of several choices; returns its index, or None on cancel."""

    DEFAULT_CSS = f"OneOf {{ {BOX} }} OneOf OptionList {{ max-height: 16; }}"
    BINDINGS: ClassVar = [Binding("escape,q", "leave", show=False)]

    def __init__(self, question: str, choices: Sequence[str], *, chosen: int = 0) -> None:
        super().__init__()
        self._question = question
        self._choices = [visible(choice, keep_newlines=False) for choice in choices]
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out the question above the choices."""
        with Vertical():
            yield Plain(self._question)
            yield OptionList(*(Content(one) for one in self._choices), markup=False, compact=True)
            yield Plain("Enter takes it   Esc leaves", classes="hint")

    def on_mount(self) -> None:
        """Preselect the current answer, or the harmless one."""
        self.query_one(OptionList).highlighted = self._chosen

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the choice."""
        event.stop()
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        """Cancel."""
        self.dismiss(None)


class Sure(OneOf):
    """Ask for confirmation; the harmless answer is the first one."""

    DEFAULT_CSS = OneOf.DEFAULT_CSS.replace("OneOf", "Sure")

    def __init__(self, question: str, *, no: str = "No", yes: str = "Yes") -> None:
        super().__init__(question, (no, yes))
