"""Words on the screen that are never read as markup, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import OptionList, Static

from signoff_collector.text.linear import linearise

if TYPE_CHECKING:
    from collections.abc import Sequence


def plain(text: str) -> Content:
    """Return words as they are to be shown: recorded ones spelled out, `[red]` as it stands."""
    return Content(linearise(text))


def one_line(text: str) -> str:
    """Return words on one line, spelled out."""
    return linearise(text.strip()).replace("\n", "⏎ ")


class Plain(Static):
    """Some words."""

    ALLOW_SELECT = False

    def __init__(self, text: str = "", *, classes: str | None = None) -> None:
        super().__init__(plain(text), classes=classes, markup=False)
        self.words = text

    def say(self, text: str) -> None:
        """Show other words."""
        self.words = text
        self.update(plain(text))


class Lines(OptionList):
    """Rows to move over, of one line or several each."""

    DEFAULT_CSS = """
    Lines { width: 1fr; height: 1fr; border: none; padding: 0; background: ansi_default; }
    Lines > .option-list--option-highlighted { text-style: reverse; }
    Lines:focus { border: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)

    def put(self, rows: Sequence[str]) -> None:
        """Show other rows; the place stays where it can."""
        here = self.highlighted or 0
        self.set_options([plain(row) for row in rows])
        self.highlighted = min(here, len(rows) - 1) if rows else None
