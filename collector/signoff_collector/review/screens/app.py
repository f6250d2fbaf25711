"""The terminal review as an application: which screen, which bytes are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.replay.screens.safe_app import SafeApp
from signoff_collector.review.file_screens.came_in import CameIn
from signoff_collector.review.file_screens.outputs import Outputs
from signoff_collector.review.final.signing_words import Choices
from signoff_collector.review.screens.checking import Checking
from signoff_collector.review.screens.cutting import Cutting
from signoff_collector.review.screens.files import Files
from signoff_collector.review.screens.signing import Signing
from signoff_collector.review.screens.summary import Summary
from signoff_collector.review.screens.tasks import Tasks
from signoff_collector.review.tasks.file_moments import Looked

if TYPE_CHECKING:
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.final.final_look import Final, FinalLook
    from signoff_collector.review.screens.frame import ReviewScreen

_SCREENS = (Tasks, Summary, Checking, Files, Outputs, CameIn, Cutting, Signing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which bytes are looked at."""

    looked: Looked
    words: str
    """Follows on the name of what is shown."""
    is_recorded: bool
    """Whether it is the first sealed episode, whose numbers a plan takes."""


class ReviewApp(SafeApp[int]):
    """Shows a desk; everything that is decided goes through it at once."""

    TITLE = "Signoff review"
    CSS = "* { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }"

    def __init__(self, desk: Desk, finals: FinalLook) -> None:
        super().__init__()
        self.animation_level = "none"
        self.desk = desk
        self.finals = finals
        self.said = ""
        """What was done last."""
        self.outcome = ""
        """What is printed when the screens are gone."""
        self.choices = Choices()
        """What was chosen for signing so far."""
        self.read_notices: set[str] = set()
        """Digests of the notices that were opened."""
        self._is_recorded = False
        self._recorded: Looked | None = None
        self._kept: tuple[bytes, Looked] | None = None

    def on_mount(self) -> None:
        """Begin with the tasks."""
        self.push_screen(Tasks())

    def show_tab(self, name: str) -> None:
        """Go to a numbered screen; what another window changed meanwhile is loaded."""
        if self.desk.reload():
            self.said = "another window changed the plan: it is shown as it is now"
        found: type[ReviewScreen] = next(one for one in _SCREENS if name == one.TAB)
        self.switch_screen(found())

    # What is looked at

    def look(self) -> Look:
        """Return what the files and outputs are shown of.

        The final bytes where they were made of the plan as it is, else what the plan gives
        now, else the recording.
        """
        if self._is_recorded or not self.desk.plan.keeps:
            if self._recorded is None:
                self._recorded = Looked(self.desk.base)
            return Look(looked=self._recorded, words="as recorded", is_recorded=True)
        final = self.finals.current(self.desk)
        if final is not None:
            return Look(looked=final.looked, words="in the final bytes", is_recorded=False)
        preview = self.desk.shown_preview()
        if self._kept is None or self._kept[0] != preview.data:
            looked = Looked(preview.episode)
            if self._kept is not None:
                looked.carry_from(self._kept[1])
            self._kept = (preview.data, looked)
        return Look(looked=self._kept[1], words="as it would be shared", is_recorded=False)

    def make_final(self) -> Final:
        """Make the final file; what was looked at before counts where nothing of it differs.

        Raises:
            SignoffError: the episode is damaged, or there is no room.
        """
        final = self.finals.make(self.desk)
        if self._kept is not None:
            final.looked.carry_from(self._kept[1])
        return final

    def turn_look(self) -> None:
        """Look at the recording, or at what is kept of it."""
        self._is_recorded = not self._is_recorded

    def forget_looks(self) -> None:
        """Look anew: the first episode is another one now."""
        self._recorded = self._kept = None
