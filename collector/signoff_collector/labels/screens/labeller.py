"""The player with keys that label: the player's own keys all work as they do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from signoff_collector.labels.marks import undecided
from signoff_collector.labels.queue import queue_of
from signoff_collector.labels.screens.label_bars import LabelBars, key_words, label_words
from signoff_collector.labels.screens.pointing import (
    around,
    pointed_at,
    proposed_of,
    said_of,
)
from signoff_collector.replay.screens.app import Player
from signoff_collector.replay.screens.help_text import HELP
from signoff_collector.replay.screens.keys import bindings_of
from signoff_collector.replay.screens.list_screen import ListScreen
from signoff_schemas.errors import SignoffError
from signoff_schemas.keys import LABELLER, help_lines
from signoff_schemas.labels import ScaleField, TagField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from signoff_collector.labels.comparing import Disagreement
    from signoff_collector.labels.marks import Marks
    from signoff_collector.labels.opening import Opened
    from signoff_collector.labels.queue import Waiting
    from signoff_collector.labels.screens.pointing import Pointed
    from signoff_collector.replay.reel import Reel
    from signoff_schemas.labels import Label, ProposedLabel, Value

_ROWS: Final = 4
"""Of the screen that the bars at the foot take."""


class Labeller(Player):
    """Labels an episode under keyboard control; each label is on the disk before it is shown."""

    BINDINGS: ClassVar = bindings_of(
        LABELLER,
        {
            "from_here": "from_here",
            "accept": "accept",
            "reject": "reject",
            "waiting": "waiting({by})",
            "unit": "unit({by})",
            "ends": "ends",
            "remove": "remove",
            "labels": "labels",
            "undo": "undo",
        },
    )

    def __init__(
        self,
        reel: Reel,
        opened: Opened,
        *,
        differing: Sequence[Disagreement] = (),
        project: str | None = None,
        place: int = -1,
    ) -> None:
        """Set up the player.

        Args:
            reel: the episode that was opened.
            opened: its units, proposals and labels.
            differing: what labellers see differently, which is looked at first.
            project: name of the recorded folder; None for what the episode says.
            place: initial position.
        """
        super().__init__(reel, project=project, place=place)
        self._opened = opened
        self._differing = tuple(differing)
        self._since: tuple[int, int] | None = None
        self._went_to: Waiting | None = None
        self._decided_in: tuple[Marks, list[ProposedLabel]] | None = None
        self._bars = LabelBars(opened.file.schema)
        for field in opened.file.schema.fields:
            if isinstance(field, TagField):
                for value in field.values:
                    self._bind(value.key, f"tag('{field.name}', '{value.name}')")
            else:
                self._bind(field.key, f"ask('{field.name}')")

    def _bind(self, key: str | None, action: str) -> None:
        if key is not None:
            self._bindings.key_to_bindings.setdefault(key, []).append(
                Binding(key, action, show=False)
            )

    def compose(self) -> ComposeResult:
        """Lay out the stage above the bars."""
        yield from super().compose()
        yield self._bars

    def on_resize(self, event: events.Resize) -> None:
        """Hide what does not fit beside the bars."""
        super().on_resize(event)
        self._stage.fit(event.size.width, event.size.height - _ROWS)
        self._bars.show_keys(event.size.width)

    # Showing

    def show_place(self) -> None:
        """Show the current place, and what is said of it."""
        if self._went_to is not None and not self._is_in(self._went_to):
            self._went_to = None
        super().show_place()
        at, labels = self._pointed(), self._opened.file.marks.labels
        self._bars.show_place(at, said_of(labels, at), around(labels, at), self._proposed(at))

    def _seq(self) -> int:
        return max(self._playing.reel.seq(self._playing.place), 0)

    def _is_in(self, waiting: Waiting) -> bool:
        """Whether a step of a place is shown: one looks around in it before one decides."""
        return waiting.first <= self._seq() <= waiting.last

    def _pointed(self) -> Pointed:
        return pointed_at(
            self._seq(), since=self._since, went_to=self._went_to, units=self._opened.units
        )

    def _undecided(self) -> list[ProposedLabel]:
        marks = self._opened.file.marks
        if self._decided_in is None or self._decided_in[0] is not marks:
            self._decided_in = marks, undecided(marks, self._opened.proposals)
        return self._decided_in[1]

    def _proposed(self, at: Pointed) -> ProposedLabel | None:
        wanted = self._went_to.proposal if self._went_to is not None else None
        waiting = self._undecided()
        return wanted if wanted in waiting else proposed_of(waiting, at)

    # Keys that label

    def action_tag(self, field: str, value: str) -> None:
        """Say one of the values of a tag of what is pointed at."""
        self._label(field, value)

    def action_ask(self, field: str) -> None:
        """Ask for a number or words, and say them of what is pointed at."""
        from signoff_collector.replay.screens.asking import Question

        known = self._opened.file.schema.field(field)
        is_scale = isinstance(known, ScaleField)
        bounds = f" {known.lowest} to {known.highest}" if isinstance(known, ScaleField) else ""
        self._playing.is_running = False

        def taken(said: str | None) -> None:
            if said is None or not said.strip():
                return
            if is_scale and not said.strip().lstrip("-").isdecimal():
                self._say(f"{field} is a number{bounds}")
            else:
                self._label(field, int(said) if is_scale else said)

        self.push_screen(Question(f"{field}{bounds}: "), taken)

    def _label(self, field: str, value: Value) -> None:
        at = self._pointed()

        def change() -> str:
            kept = self._opened.file.set_label(field, value, at.first, at.last)
            self._since = None
            return f"{label_words(kept)}, {at.what}"

        self._change(change)

    def action_accept(self) -> None:
        """Take over what is proposed here, and go to the next place to look at."""
        self._decide(self._opened.file.accept, "accepted")

    def action_reject(self) -> None:
        """Turn down what is proposed here, and go to the next place to look at."""
        self._decide(self._opened.file.reject, "turned down")

    def _decide(self, deed: Callable[[ProposedLabel], None], words: str) -> None:
        proposal = self._proposed(self._pointed())
        if proposal is None:
            self._say("nothing is proposed here: p goes to what is")
            return
        waiting, went_to = self._waiting(), self._went_to

        def change() -> str:
            deed(proposal)
            return f"{words}: {proposal.value}"

        if self._change(change) and went_to in waiting:
            self._go_behind(waiting, waiting.index(went_to), f"{words}: {proposal.value}")

    def action_remove(self) -> None:
        """Remove all labels of what is pointed at."""
        at, file = self._pointed(), self._opened.file
        said = said_of(file.marks.labels, at)
        if not said:
            self._say("no label here")
            return

        def change() -> str:
            file.remove(*(label.place for label in said))
            return f"removed: {', '.join(label_words(one) for one in said)}"

        self._change(change)

    def action_undo(self) -> None:
        """Take the last change back."""
        self._change(lambda: "taken back" if self._opened.file.undo() else "nothing to take back")

    def _change(self, deed: Callable[[], str]) -> bool:
        """Do something to the labels, and say what came of it; return whether it was done."""
        self._playing.is_running = False
        try:
            self._remark = deed()
        except SignoffError as error:
            self._say(str(error))
            return False
        self.show_place()
        return True

    # Keys that go somewhere

    def action_from_here(self) -> None:
        """Begin a span at this unit, or forget that one was begun."""
        self._playing.is_running = False
        at = self._pointed()
        self._since = (at.first, at.last) if self._since is None else None
        self._remark = "go to its other end, then label" if self._since is not None else ""
        self.show_place()

    def action_waiting(self, by: int) -> None:
        """Go to the next, or the previous, place to look at."""
        waiting = self._waiting()
        self._playing.is_running = False
        if not waiting:
            self._say("nothing waits to be looked at")
        elif self._went_to in waiting:
            self._go_behind(waiting, waiting.index(self._went_to) + by - 1, "")
        else:
            self._go_behind(waiting, -1 if by > 0 else len(waiting) - 2, "")

    def _go_behind(self, waiting: Sequence[Waiting], place: int, remark: str) -> None:
        """Go to the first place behind one in the queue that still waits."""
        still = set(map(id, self._still(waiting)))
        left = [one for one in waiting[place + 1 :] if id(one) in still] if place >= -1 else []
        if not left:
            self._say(f"{remark}; no more that way" if remark else "no more that way")
            return
        self._since = None
        self._went_to = left[0]
        number = waiting.index(left[0]) + 1
        why = f"{number} of {len(waiting)} to look at"
        if left[0].proposal is None:
            why = f"{why}: {left[0].why}"
        self.go(
            self._playing.reel.place_of_seq(left[0].last), f"{remark}; {why}" if remark else why
        )

    def _waiting(self) -> tuple[Waiting, ...]:
        return queue_of(self._differing, self._undecided())

    def _still(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        left = self._undecided()
        return [one for one in waiting if one.proposal is None or one.proposal in left]

    def action_unit(self, by: int) -> None:
        """Go to the end of the next, or the previous, unit."""
        seq, units = self._seq(), self._opened.units.all
        ends = [one.last for one in units if (one.last > seq if by > 0 else one.last < seq)]
        self._playing.is_running = False
        if not ends:
            self._say("no more that way")
        else:
            self.go(self._playing.reel.place_of_seq(min(ends) if by > 0 else max(ends)))

    def action_ends(self) -> None:
        """Go to the first step of what is pointed at; from there to its last."""
        at, reel = self._pointed(), self._playing.reel
        self._playing.is_running = False
        self.go(reel.place_of_seq(at.last if self._seq() == at.first else at.first))

    def action_labels(self) -> None:
        """List the labels, and go to one."""
        labels = self._opened.file.marks.labels
        rows = [_row(label) for label in labels]
        self._playing.is_running = False

        def taken(number: int | None) -> None:
            if number is not None:
                self.go(self._playing.reel.place_of_seq(labels[number].last))

        self.push_screen(
            ListScreen(f"{len(rows)} label{'' if len(rows) == 1 else 's'}: Enter goes there", rows),
            taken,
        )

    def action_help(self) -> None:
        """Explain the keys of labels, then those of the player."""
        from signoff_collector.replay.screens.output_screen import OutputScreen

        schema = self._opened.file.schema
        own = set(schema.keys())
        said = [f"{key}  {words}" for key, words in key_words(schema) if key in own]
        lines = [f"labels of {schema.name}", *said, "", *help_lines(LABELLER), "", HELP]
        self.push_screen(OutputScreen("keys and marks", "\n".join(lines)))


def _row(label: Label) -> str:
    steps = f"{label.first + 1}" if label.first == label.last else (
        f"{label.first + 1} to {label.last + 1}"
    )  # fmt: skip
    return f"{steps:>15}  {label_words(label)}"
