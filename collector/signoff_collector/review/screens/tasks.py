"""The task list: keep, split, join, name, set the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from signoff_collector.review.plan.plan_edits import Outcome, end_keep, name_keep
from signoff_collector.review.screens.asking import OneOf, Words
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.plain import Lines
from signoff_collector.review.tasks.summary_lines import task_lines
from signoff_schemas.keys import SCREENS

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.review.tasks.task_rows import TaskRow

_OUTCOMES: Final[tuple[tuple[Outcome | None, str], ...]] = (
    (None, "not said"),
    ("solved", "solved"),
    ("partly", "partly solved"),
    ("abandoned", "abandoned"),
)


class Tasks(ReviewScreen):
    """Proposed and kept tasks; nothing is kept initially."""

    TAB = "Tasks"
    PLACE = "terminal:tasks"
    KEYS = "Enter include or not  p split  j join  n name  e how it ended  o open  ? help"
    BINDINGS: ClassVar = keys_of(
        PLACE, include="include", split="split", join="join", name="name", ended="outcome",
        open="open",
    )  # fmt: skip

    def fill(self) -> None:
        """Show the rows."""
        self._rows = self.review.desk.rows()
        self.query_one(Lines).put(task_lines(self._rows, self.review.desk.standings()))
        self.query_one(Lines).focus()

    @property
    def _chosen(self) -> TaskRow | None:
        place = self.query_one(Lines).highlighted
        return None if place is None else self._rows[place]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Toggle whether the task is kept."""
        row = self._rows[event.option_index]
        kept = (
            "no longer included" if row.place is not None else "included; `2` shows what it holds"
        )

        def keep() -> str:
            self.review.desk.keep(row)
            return kept

        self.attempt(keep)

    def action_include(self) -> None:
        """Toggle whether the task is shared; Enter in the list does the same."""
        self.query_one(Lines).action_select()

    def action_open(self) -> None:
        """Show what an included task holds."""
        row = self._chosen
        if row is None or row.place is None:
            self.say("include it first")
            return
        self.review.desk.place = row.place
        self.action_tab(SCREENS.index("overview") + 1)

    def action_split(self) -> None:
        """Ask where to split the task."""
        row = self._chosen
        if row is None:
            return

        def parted(words: str | None) -> None:
            if words:
                self.attempt(lambda: self._split(row, words))

        question = f"First step of the second part, {row.first + 1} to {row.last}:"
        self.app.push_screen(Words(question), parted)

    def _split(self, row: TaskRow, words: str) -> str:
        from signoff_collector.review.plan.draft import number

        self.review.desk.split(row, number(words.strip(), "a step"))
        return "split in two"

    def action_join(self) -> None:
        """Join the task with the one below it."""
        place = self.query_one(Lines).highlighted
        if place is None or place + 1 >= len(self._rows):
            self.say("there is no task below this one")
            return
        one, other = self._rows[place], self._rows[place + 1]

        def join() -> str:
            self.review.desk.join(one, other)
            return "joined"

        self.attempt(join)

    def action_name(self) -> None:
        """Ask what to call the task."""
        row = self._chosen
        if row is None or row.place is None:
            self.say("include it first: the name is shared with it")
            return
        place = row.place

        def named(words: str | None) -> None:
            if words is not None:
                self.attempt(lambda: self._call(place, words))

        value = row.title if row.is_named else ""
        self.app.push_screen(Words("What was it, in your words? It is shared.", value=value), named)

    def _call(self, place: int, words: str) -> str:
        desk = self.review.desk
        desk.change(name_keep(desk.plan, place, words))
        return "named"

    def action_outcome(self) -> None:
        """Ask for the outcome of the task."""
        row = self._chosen
        if row is None or row.place is None:
            self.say("include it first: the outcome is shared with it")
            return
        place = row.place

        def ended(choice: int | None) -> None:
            if choice is not None:
                self.attempt(lambda: self._end(place, _OUTCOMES[choice][0]))

        names = [words for _, words in _OUTCOMES]
        self.app.push_screen(OneOf("How did it end? It is shared.", names), ended)

    def _end(self, place: int, outcome: Outcome | None) -> str:
        desk = self.review.desk
        desk.change(end_keep(desk.plan, place, outcome))
        return "said"
