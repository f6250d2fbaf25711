"""Screen with a list to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_collector.replay.drawing.painting import Page
from signoff_collector.replay.drawing.text_view import TextView
from signoff_collector.replay.masking import unmasked
from signoff_collector.replay.screens.bars import Bar, OriginBar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult


class ListScreen(ModalScreen[int | None]):
    """Returns the index of the chosen row, or None on cancel."""

    DEFAULT_CSS = "ListScreen { background: ansi_default; }"
    BINDINGS: ClassVar = [
        Binding("escape,q", "leave", show=False),
        Binding("enter", "take", show=False, priority=True),
        Binding("up,k", "move(-1)", show=False, priority=True),
        Binding("down,j", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("home", "move(-1000000)", show=False, priority=True),
        Binding("end", "move(1000000)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        rows: Sequence[str],
        *,
        chosen: int = 0,
        mask: Callable[[str], str] = unmasked,
    ) -> None:
        super().__init__()
        self._heading = title
        self._count = len(rows)
        self._chosen = min(max(chosen, 0), max(0, len(rows) - 1))
        self._view = TextView(mask=mask)
        text = "\n".join(row.replace("\n", "␊") for row in rows) or "(none)"
        self._view.show_page(
            Page(lines=LineIndex(text), has_numbers=False, chosen=self._chosen), top=0
        )

    def compose(self) -> ComposeResult:
        """Lay out the title above the rows and the keys below them."""
        yield Bar(self._heading, look="bar")
        yield self._view
        yield OriginBar("Enter go there  q back  arrows, page keys, home, end", look="dim")

    def on_resize(self) -> None:
        """Keep the selected row visible."""
        self.call_after_refresh(self._view.choose, self._chosen)

    def action_move(self, rows: int) -> None:
        """Move the selection."""
        self._chosen = max(0, min(self._chosen + rows, self._count - 1))
        self._view.choose(self._chosen)

    def action_take(self) -> None:
        """Return the selected row."""
        self.dismiss(self._chosen if self._count else None)

    def action_leave(self) -> None:
        """Cancel."""
        self.dismiss(None)
