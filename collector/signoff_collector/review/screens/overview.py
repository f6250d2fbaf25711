"""Statistics of a kept task."""

from __future__ import annotations

from typing import ClassVar

from signoff_collector.review.notes.asking_words import (
    NO_MOMENT,
    SKIPS,
    moment_lines,
    noted_words,
)
from signoff_collector.review.screens.asking import Words
from signoff_collector.review.screens.cutting import Cutting
from signoff_collector.review.screens.frame import (
    NOTHING_KEPT,
    ReviewScreen,
    keys_of,
    words_of,
)
from signoff_collector.review.screens.rows_view import RowsView
from signoff_collector.review.tasks.summary_lines import summary_lines
from signoff_schemas.errors import SignoffError
from signoff_schemas.keys import SCREENS


class Overview(ReviewScreen):
    """The overview screen of one kept task."""

    TAB = "Overview"
    PLACE = "terminal:overview"
    BODY = RowsView
    KEYS = "t take out, add  v as shared  n thoughts  { } other  3 to check  4 sign  ? help"
    BINDINGS: ClassVar = keys_of(PLACE, take_out="take_out", shared="shared", notes="notes")

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

    def action_notes(self) -> None:
        """Ask at a few moments what the person was thinking; Enter on nothing skips one."""
        if not self.has_keep:
            self.say_state()
            return
        try:
            waiting = self.review.desk.moments()
        except SignoffError as error:
            self.say(words_of(error))
            return
        if not waiting:
            self.say(NO_MOMENT)
            return
        self._ask(waiting, 0, 0)

    def _ask(self, waiting: list[dict[str, object]], place: int, noted: int) -> None:
        """Ask about one moment, then about those behind it."""
        if place == len(waiting):
            self.attempt(lambda: noted_words(noted))
            return
        row = waiting[place]

        def told(words: str | None) -> None:
            if words is None:
                self.attempt(lambda: noted_words(noted))
                return
            try:
                changed = self.review.desk.note(int(str(row["after_seq"])), words)
            except SignoffError as error:
                self.say(words_of(error))
                return
            self._ask(waiting, place + 1, noted + changed)

        question = "\n".join(moment_lines(row, place + 1, len(waiting)))
        self.app.push_screen(Words(question, value=str(row["text"]), hint=SKIPS), told)

    def action_shared(self) -> None:
        """Show the steps as they would be shared."""
        self.review.show_shared()
        self.action_tab(SCREENS.index("timeline") + 1)
