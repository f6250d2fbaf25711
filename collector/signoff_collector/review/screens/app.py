"""The application object of the terminal review: current screen, current bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_collector.replay.screens.safe_app import SafeApp
from signoff_collector.review.file_screens.outputs import Outputs
from signoff_collector.review.file_screens.texts import Texts
from signoff_collector.review.file_screens.timeline import Timeline
from signoff_collector.review.final.signing_words import Choices
from signoff_collector.review.screens.checking import Checking
from signoff_collector.review.screens.files import Files
from signoff_collector.review.screens.overview import Overview
from signoff_collector.review.screens.signing import Signing
from signoff_collector.review.screens.tasks import Tasks
from signoff_collector.review.tasks.file_moments import Looked

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.final.final_look import Final, FinalLook
    from signoff_collector.review.screens.frame import ReviewScreen

_SCREENS = (Tasks, Overview, Checking, Signing, Timeline, Files, Outputs, Texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which version of the episode the screens show."""

    looked: Looked
    words: str
    """Suffix of the title."""
    is_recorded: bool
    """Whether it is the first sealed episode, whose step numbers a plan uses."""


class ReviewApp(SafeApp[int]):
    """Front end of a desk; every decision is applied to it immediately."""

    TITLE = "Signoff review"
    CSS = "* { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }"

    def __init__(self, desk: Desk, finals: FinalLook) -> None:
        super().__init__()
        self.animation_level = "none"
        self.desk = desk
        self.finals = finals
        self.origin = desk.origin
        self.said = ""
        """Status message of the last action."""
        self.outcome = ""
        """Text to print after the screens are closed."""
        self.choices = Choices()
        """Choices for signing so far."""
        self._confirmed_of = ""
        """Digest of the bytes that the confirmations in `choices` are about."""
        self.read_notices: set[str] = set()
        """Digests of the notices that were opened."""
        self.read_hubs: set[str] = set()
        """Addresses whose terms were shown, if they have any."""
        self._is_recorded = False
        self._recorded: Looked | None = None
        self._kept: tuple[bytes, Looked] | None = None
        self.mask_signs = MaskSigns(desk.base.header.masks)

    def on_mount(self) -> None:
        """Show the tasks first."""
        self.push_screen(Tasks())

    def show_tab(self, name: str) -> None:
        """Switch to a numbered screen; changes made by another window are loaded."""
        if self.desk.reload():
            self.said = "another window changed the plan: it is shown as it is now"
        found: type[ReviewScreen] = next(one for one in _SCREENS if name == one.TAB)
        self.switch_screen(found())

    # What is looked at

    def look(self) -> Look:
        """Return the version of the episode that files and outputs are shown of.

        The final bytes if they were made from the current plan, else the preview, else the
        recording.
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
            self._kept = (preview.data, self.desk.looked(preview.episode))
            self.show_masks(preview.episode)
        return Look(looked=self._kept[1], words="as it would be shared", is_recorded=False)

    def show_masks(self, shared: Episode) -> None:
        """Draw the masks of the recording and of what would be shared: both stand in samples."""
        self.mask_signs = MaskSigns({**self.desk.base.header.masks, **shared.header.masks})

    def make_final(self) -> Final:
        """Make the final file; what has the content that was viewed before counts as viewed.

        What was confirmed of other bytes is not confirmed of these.

        Raises:
            SignoffError: the episode is damaged, or there is no room.
        """
        final = self.finals.make(self.desk)
        if self._confirmed_of != final.shared.sha256:
            self._confirmed_of = final.shared.sha256
            self.choices = self.choices.model_copy(
                update={"confirmed_unseen": False, "nobody_else_typed": False}
            )
        return final

    def turn_look(self) -> None:
        """Toggle between the recording and its kept version."""
        self._is_recorded = not self._is_recorded

    def show_shared(self) -> None:
        """Show what would be shared, from now on."""
        self._is_recorded = False

    def forget_looks(self) -> None:
        """Reset what was viewed, because the base episode was replaced."""
        self._recorded = self._kept = None
        self.mask_signs = MaskSigns(self.desk.base.header.masks)
