"""Base class of all review screens: tabs, plan state, status line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.screen import Screen

from signoff_collector.replay.screens.bars import Bar, OriginBar
from signoff_collector.replay.screens.keys import bindings_of
from signoff_collector.review.final.signing_words import left_open_question
from signoff_collector.review.screens.asking import Sure, Words
from signoff_collector.review.screens.plain import Lines
from signoff_schemas.errors import OutdatedError, SignoffError
from signoff_schemas.keys import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from signoff_collector.review.screens.app import ReviewApp

_KEEP: Final = 3
_COMMON: Final = {
    "screens": "tab({key})",
    "task": "other_keep({by})",
    "undo": "undo",
    "mask": "mask_value",
    "help": "help",
    "close": "close",
    "leave": "leave",
    "row": None,
    "do": None,
    "recorded": "other_look",
}
"""What the rows of the table do on every screen that has them."""
NOTHING_KEPT: Final = "nothing is included yet: `1` and Enter on a task include it"


def keys_of(place: str, **actions: str | None) -> list[BindingType]:
    """Return the bindings of a screen: those that all have, and its own."""
    return bindings_of(place, {**_COMMON, **actions})


class ReviewScreen(Screen[None]):
    """One of the numbered screens."""

    TAB: ClassVar[str] = ""
    PLACE: ClassVar[str] = ""
    """Name in the table of keys."""
    KEYS: ClassVar[str] = ""
    BODY: ClassVar[type[Widget]] = Lines
    """Class of the screen's content: constructed without arguments, filled by `fill`."""
    DEFAULT_CSS = "ReviewScreen { background: ansi_default; layout: vertical; }"

    @property
    def review(self) -> ReviewApp:
        """The application."""
        return cast("ReviewApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out tabs and state above the body, messages and keys below it."""
        yield OriginBar(" Signoff review", look="bar")
        yield Bar(id="tabs", look="bar")
        yield Bar(id="state", look="dim")
        yield self.BODY()
        yield Bar(id="said", look="strong")
        yield Bar(id="keys", look="dim")

    def fill(self) -> None:
        """Show the current plan in the body; the default does nothing."""

    def on_mount(self) -> None:
        """Show everything for the first time."""
        self.refill()

    def refill(self) -> None:
        """Show the current plan; errors go to the status line."""
        try:
            self.fill()
        except SignoffError as error:
            self.review.said = words_of(error)
        self.say_state()

    def say_state(self) -> None:
        """Update tabs, plan state, message and keys."""
        desk = self.review.desk
        tabs = [
            (f"[{number} {tab}]", "changed") if tab == self.TAB else (f" {number} {tab} ", "bar")
            for number, tab in enumerate(TITLES, start=1)
        ]
        self.query_one("#tabs", Bar).say(*tabs)
        plan = desk.plan
        kept = (
            f"task {desk.place + 1} of {len(plan.keeps)} included"
            if plan.keeps
            else "nothing included"
        )
        cuts = len(plan.cut_ranges) + len(plan.cut_files) + len(plan.cut_kinds)
        masks = len(plan.mask_texts) + len(plan.mask_fields)
        state = f" {kept} · {cuts} cuts · {masks} masks · times {plan.time_resolution} · saved"
        self.query_one("#state", Bar).say((state, "dim"))
        self.query_one("#said", Bar).say((f" {self.review.said}", "strong"))
        self.query_one("#keys", Bar).say((f" {self.KEYS}", "dim"))

    def say(self, words: str) -> None:
        """Set the status message."""
        self.review.said = words
        self.say_state()

    def attempt(self, do: Callable[[], str | None]) -> None:
        """Apply a change to the plan, show the result or the error, and refill the body."""
        try:
            self.review.said = do() or ""
        except OutdatedError:
            self.review.said = (
                "another window changed the plan: it is shown as it is now; do it again"
            )
        except SignoffError as error:
            self.review.said = words_of(error)
        self.refill()

    @property
    def has_keep(self) -> bool:
        """Return whether something is kept; sets the status message if not."""
        if self.review.desk.plan.keeps:
            return True
        self.review.said = NOTHING_KEPT
        return False

    # Keys

    def action_tab(self, number: int) -> None:
        """Switch to another screen, by its number."""
        self.review.said = ""
        self.review.show_tab(TITLES[number - 1])

    def action_close(self) -> None:
        """Put away what was said; screens that have more to close do so first."""
        self.say("")

    def action_other_keep(self, step: int) -> None:
        """Switch all screens to another kept task."""
        desk = self.review.desk
        if desk.plan.keeps:
            desk.place = (desk.place + step) % len(desk.plan.keeps)
            self.attempt(lambda: None)

    def action_undo(self) -> None:
        """Undo the last change."""
        desk = self.review.desk
        self.attempt(lambda: "undone" if desk.undo() else "there is nothing to undo")

    def action_other_look(self) -> None:
        """Toggle between the recorded and the kept bytes."""
        self.review.said = ""
        self.review.turn_look()
        self.refill()

    def action_mask_value(self) -> None:
        """Ask for a value without echo, and mask every occurrence."""

        def masked(value: str | None) -> None:
            if value:
                self.attempt(lambda: self.review.desk.mask_value(value))
            else:
                self.say("nothing is masked")

        question = "Value to mask everywhere (it is not shown while you type, and kept nowhere):"
        self.app.push_screen(Words(question, is_hidden=True), masked)

    def action_help(self) -> None:
        """Show the help for all keys."""
        from signoff_collector.review.screens.help import Help

        self.app.push_screen(Help(self.PLACE))

    def action_leave(self) -> None:
        """Ask for confirmation to quit; the plan is already saved."""

        def left(answer: int | None) -> None:
            if answer == 1:
                self.review.exit(0)
            elif answer == 2:
                self.app.push_screen(
                    Sure("Delete this episode and all that reviews made of it?"), self._discard
                )
            elif answer == _KEEP:
                self._keep_final()

        from signoff_collector.review.screens.asking import OneOf

        review = self.review
        final = review.finals.unsigned(review.desk)
        state = "what you signed is kept" if review.finals.signed else "nothing is signed"
        question = f"Leave the review? The plan is saved; {state}."
        choices = ["Stay", "Leave; go on another time", "Leave and discard the episode …"]
        if final is not None:
            name = final.shared.sha256[:8]
            choices.append(f"Leave, and keep {name}… as shown under 4, to sign it later")
        self.app.push_screen(OneOf(question, choices), left)

    def _keep_final(self, *, is_sure: bool = False) -> None:
        """Move the final file to the episodes; open decisions have to be confirmed."""
        review = self.review
        final = review.finals.unsigned(review.desk)
        waiting = review.desk.checks().decisions_needed
        if final is None:
            return
        if waiting and not is_sure:

            def sure(answer: int | None) -> None:
                if answer == 1:
                    self._keep_final(is_sure=True)

            yes = f"Yes, leave {waiting} open"
            ask = Sure(left_open_question(waiting), no="No, decide first (3)", yes=yes)
            self.app.push_screen(ask, sure)
            return
        try:
            path = review.finals.keep(final, left_open=waiting)
        except SignoffError as error:
            self.say(words_of(error))
            return
        review.outcome = f"kept, not signed: signoff sign {path.stem} --to STORE"
        review.exit(0)

    def _discard(self, answer: int | None) -> None:
        if answer == 1:
            try:
                self.review.desk.discard()
            except SignoffError as error:
                self.say(words_of(error))
                return
            self.review.outcome = (
                "the episode is discarded; raw history is deleted 14 days after capture"
            )
            self.review.exit(0)


def words_of(error: SignoffError) -> str:
    """Format an error and its hint on one line."""
    return str(error) if error.hint is None else f"{error}. {error.hint}"
