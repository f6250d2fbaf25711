"""Statistics of a kept task."""

from __future__ import annotations

from signoff_collector.review.screens.frame import NOTHING_KEPT, ReviewScreen
from signoff_collector.review.screens.rows_view import RowsView
from signoff_collector.review.tasks.summary_lines import summary_lines


class Summary(ReviewScreen):
    """The overview screen of one kept task."""

    TAB = "Summary"
    BODY = RowsView
    KEYS = "arrows, page keys  [ ] other included task  3 to check  8 sign  ? help"

    def fill(self) -> None:
        """Show the overview."""
        view = self.query_one(RowsView)
        view.focus()
        view.show(
            "\n".join(summary_lines(self.review.desk.overview())) if self.has_keep else NOTHING_KEPT
        )
