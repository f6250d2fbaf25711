"""Statistics of a kept task."""

from __future__ import annotations

from typing import ClassVar

from signoff_collector.review.screens.cutting import Cutting
from signoff_collector.review.screens.frame import NOTHING_KEPT, ReviewScreen, keys_of
from signoff_collector.review.screens.rows_view import RowsView
from signoff_collector.review.tasks.summary_lines import summary_lines
from signoff_schemas.keys import SCREENS


class Overview(ReviewScreen):
    """The overview screen of one kept task."""

    TAB = "Overview"
    PLACE = "terminal:overview"
    BODY = RowsView
    KEYS = "t take out, add  v as it would be shared  { } other task  3 to check  4 sign  ? help"
    BINDINGS: ClassVar = keys_of(PLACE, take_out="take_out", shared="shared")

    def fill(self) -> None:
        """Show the overview."""
        view = self.query_one(RowsView)
        view.focus()
        view.show(
            "\n".join(summary_lines(self.review.desk.overview())) if self.has_keep else NOTHING_KEPT
        )

    def action_take_out(self) -> None:
        """List what can be taken out and added."""
        self.review.said = ""
        self.review.switch_screen(Cutting())

    def action_shared(self) -> None:
        """Show the steps as they would be shared."""
        self.review.show_shared()
        self.action_tab(SCREENS.index("timeline") + 1)
