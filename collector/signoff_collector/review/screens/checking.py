"""The check list of a kept task; one key decides on a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from signoff_collector.review.checking.check_lines import group_line
from signoff_collector.review.checking.groups import REST
from signoff_collector.review.screens.asking import Sure
from signoff_collector.review.screens.frame import ReviewScreen, keys_of
from signoff_collector.review.screens.items import Items
from signoff_collector.review.screens.plain import Lines
from signoff_schemas.errors import RefusedError, SignoffError

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_collector.review.checking.groups import Group

_DONE: Final = {
    "mask": "masked everywhere",
    "accept": "accepted: it is shared as it is",
    "cut_file": "its files are cut",
}

_REST_DONE: Final = {"mask": "masked", "accept": "shared as it is"}


class Checking(ReviewScreen):
    """List of groups, undecided ones first."""

    TAB = "To check"
    PLACE = "terminal:check"
    KEYS = "Enter all of it  x mask  a accept  Del cut file  w unmask  A X the rest  n next  ? help"
    BINDINGS: ClassVar = keys_of(
        PLACE, mask="decide('mask')", accept="decide('accept')", cut="decide('cut_file')",
        mask_rest="decide_rest('mask')", accept_rest="decide_rest('accept')",
        unmask="unmask", show="show", waiting="waiting",
    )  # fmt: skip

    def fill(self) -> None:
        """Show the groups."""
        self._groups: tuple[Group, ...] = ()
        lines = self.query_one(Lines)
        lines.focus()
        if not self.has_keep:
            lines.put([])
            return
        self.review.show_masks(self.review.desk.shown_preview().episode)
        found = self.review.desk.checks()
        self._groups = found.groups
        lines.put([group_line(group) for group in found.groups])
        if not self.review.said:
            left = found.decisions_needed
            self.review.said = f"{left} decision{'s' * (left != 1)} left to you"

    @property
    def _chosen(self) -> Group | None:
        place = self.query_one(Lines).highlighted
        return None if place is None or place >= len(self._groups) else self._groups[place]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """List all of the group; each can be decided on by itself."""
        del event
        self.action_show()

    def action_show(self) -> None:
        """List all of the group; each can be decided on by itself."""
        group = self._chosen
        if group is not None:
            self.app.push_screen(Items(group), lambda _: self.refill())

    def action_waiting(self) -> None:
        """Move to the next group that waits for a decision, round the end."""
        lines = self.query_one(Lines)
        here = -1 if lines.highlighted is None else lines.highlighted
        places = [*range(here + 1, len(self._groups)), *range(here + 1)]
        waiting = [
            place
            for place in places
            if self._groups[place].needs_decision and self._groups[place].state is None
        ]
        if waiting:
            lines.highlighted = waiting[0]
        else:
            self.say("nothing waits for you")

    def action_decide(self, action: str) -> None:
        """Apply one action to the group."""
        group = self._chosen
        if group is None:
            return
        if action not in group.actions:
            self.say(f"this is not possible here; possible: {', '.join(group.actions)}")
            return

        def decide() -> str:
            self.review.desk.decide(group.id, action)
            return _DONE[action]

        self.attempt(decide)

    def action_decide_rest(self, action: str) -> None:
        """Apply one action to everything that waits for a decision."""

        def decide() -> str:
            if not self.review.desk.decide(REST, action):
                return f"nothing that waits can be {_REST_DONE[action]}"
            left = self.review.desk.checks().decisions_needed
            where = ", where it can be" if left else ""
            return f"what was left is {_REST_DONE[action]}{where}; u takes it back"

        self.attempt(decide)

    def action_unmask(self) -> None:
        """Ask for confirmation, then seal again without the mask."""
        group = self._chosen
        if group is None or "unmask" not in group.actions:
            self.say("this was not masked by sealing, or its journals are deleted")
            return
        question = (
            "Show in clear text what sealing masked as a secret or a name? The session is"
            " sealed once more without this mask, and whoever gets the episode can read it."
        )

        def sure(answer: int | None) -> None:
            if answer == 1:
                self._unmask(group.id, confirmed_exact=False)

        self.app.push_screen(Sure(question, yes="Yes, unmask it"), sure)

    def _unmask(self, group: str, *, confirmed_exact: bool) -> None:
        def again(answer: int | None) -> None:
            if answer == 1:
                self._unmask(group, confirmed_exact=True)

        def unmask() -> str:
            lost = self.review.desk.unmask(group, confirmed_exact=confirmed_exact)
            self.review.forget_looks()
            return "unmasked" + (f"; not carried over: {', '.join(lost)}" if lost else "")

        try:
            self.review.said = unmask()
        except RefusedError as error:
            self.review.said = str(error)
            if not confirmed_exact:
                question = f"{error}. Unmask it all the same?"
                self.app.push_screen(Sure(question, yes="Yes, I know what it is"), again)
        except SignoffError as error:
            self.review.said = str(error)
        self.refill()
