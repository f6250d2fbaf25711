"""List text that enters from omitted steps, which nobody saw being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.review.screens.frame import ReviewScreen
from signoff_collector.review.screens.plain import Lines
from signoff_collector.text.linear import linearise_path

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.review.applying.apply import Entered


class OutsideTexts(ReviewScreen):
    """All such texts of all kept tasks."""

    TAB = "Outside"
    KEYS = "Enter mask it whole  u undo  4 Files shows what it says  ? help"

    def fill(self) -> None:
        """Show the texts."""
        self._entered: tuple[Entered, ...] = ()
        lines = self.query_one(Lines)
        lines.focus()
        if not self.has_keep:
            lines.put([])
            return
        self._entered = self.review.desk.incoming.entered()
        hidden = self.review.desk.incoming.hidden(self._entered)
        lines.put(
            [
                f"{'masked' if one in hidden else 'shared':<9} {linearise_path(one.path)}"
                f"  as it was at step {one.seq}"
                for one in self._entered
            ]
        )
        if not self.review.said:
            count = len(self._entered)
            self.review.said = f"{count} texts come from steps that are not included"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Mask the selected text completely."""
        one = self._entered[event.option_index]

        def hide() -> str:
            self.review.desk.incoming.hide([one])
            return "masked whole"

        self.attempt(hide)
