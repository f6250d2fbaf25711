"""Widgets for text that is never parsed as markup, and lists of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import OptionList, Static

from signoff_collector.replay.drawing.mask_signs import NO_MASKS, mask_signs_of
from signoff_collector.text.linear import linearise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.replay.drawing.mask_signs import MaskSigns

_MASK: Final = "ansi_yellow reverse"


def plain(text: str, signs: MaskSigns = NO_MASKS) -> Content:
    """Return text with control characters escaped and markup kept literal, such as `[red]`."""
    shown = linearise(text)
    content = Content(signs.drawn(shown))
    for start, end in signs.spans(shown):
        content = content.stylize(_MASK, start, end)
    return content


def one_line(text: str) -> str:
    """Return text on one line, escaped."""
    return linearise(text.strip()).replace("\n", "⏎ ")


class Plain(Static):
    """A text widget."""

    ALLOW_SELECT = False

    def __init__(self, text: str = "", *, classes: str | None = None) -> None:
        super().__init__(plain(text), classes=classes, markup=False)
        self.words = text

    def say(self, text: str) -> None:
        """Replace the text."""
        self.words = text
        self.update(plain(text, mask_signs_of(self.app)))


class Lines(OptionList):
    """A list of rows, each of one or more lines."""

    DEFAULT_CSS = """
    Lines { width: 1fr; height: 1fr; border: none; padding: 0; background: ansi_default; }
    Lines > .option-list--option-highlighted { text-style: reverse; }
    Lines:focus { border: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)

    def line(self, row: str) -> Content:
        """Return a row as it is shown."""
        return plain(row, mask_signs_of(self.app))

    def put(self, rows: Sequence[str]) -> None:
        """Replace the rows; the cursor stays in place if possible."""
        here = self.highlighted or 0
        self.set_options([self.line(row) for row in rows])
        self.highlighted = min(here, len(rows) - 1) if rows else None
