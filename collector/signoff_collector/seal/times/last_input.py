"""Tracks the last input of the person and the keyboard focus, to explain idle time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.seal.building.building import MS
from signoff_schemas.steps import CommandStep, OpenStep
from signoff_schemas.words import ActorClass, Basis, GapReason

if TYPE_CHECKING:
    from signoff_collector.seal.building.building import Builder
    from signoff_schemas.steps import AnyStep

_INPUT_KINDS: Final = frozenset(
    {
        "task",
        "note",
        "open",
        "close",
        "view",
        "select",
        "search",
        "assist",
        "save",
        "focus",
        "command",
    }
)
"""Kinds of steps that a person makes; `tests`, `files`, `git`, `agent` may have other causes."""
_NO_HAND: Final = frozenset(
    {
        ActorClass.FORMATTER,
        ActorClass.ASSISTANT,
        ActorClass.GIT,
        ActorClass.EXTERNAL,
        ActorClass.PREEXISTING,
    }
)
"""Classes of edits not made by hand; edits of unknown class count as input."""


class Input(NamedTuple):
    """One input of the person."""

    t_ns: int
    is_terminal: bool
    """Whether it was done in a terminal."""


class Presence:
    """The editors that have the keyboard focus, as reported by their companions."""

    def __init__(self) -> None:
        self._focused: set[int] = set()
        self._is_told = False
        """Whether the focus is known: reported, and no focused editor has ended since."""
        self._went_to: object = None

    def focus(self, buffer: int, *, gained: bool, to: object) -> None:
        """Process a report of one editor; another may just have reported the opposite."""
        self._is_told = True
        if gained:
            self._focused.add(buffer)
            return
        self._focused.discard(buffer)
        self._went_to = to

    def left(self, buffer: int) -> None:
        """Process the end of an editor."""
        if buffer in self._focused:
            self._focused.discard(buffer)
            self._is_told = bool(self._focused)

    def why_silent(self, *, is_elsewhere: bool) -> tuple[GapReason, Basis]:
        """Return why there was no step: away only if an editor reported the loss of focus.

        Args:
            is_elsewhere: whether the last input was in a terminal.
        """
        if self._focused:
            return GapReason.IDLE, Basis.OBSERVED
        if self._is_told and self._went_to == "other" and not is_elsewhere:
            return GapReason.AWAY, Basis.OBSERVED
        return GapReason.IDLE, Basis.INFERRED


class Inputs:
    """Finds the person's last input among the steps so far, incrementally."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._steps_seen = 0
        self._edits_seen = 0
        self._latest: Input | None = None

    def latest(self) -> Input | None:
        """Return the last input, or None."""
        for found in (self._latest_step(), self._latest_edit()):
            if found is not None and (self._latest is None or found.t_ns >= self._latest.t_ns):
                self._latest = found
        return self._latest

    def _latest_step(self) -> Input | None:
        steps = self._builder.steps
        since, self._steps_seen = self._steps_seen, len(steps)
        for step in reversed(steps[since:]):
            if _is_input(step):
                return Input(step.t_ns, isinstance(step, CommandStep))
        return None

    def _latest_edit(self) -> Input | None:
        edits = self._builder.edits
        since, self._edits_seen = self._edits_seen, edits.count
        for index in range(edits.count - 1, since - 1, -1):
            author = edits.author(index)
            if author is None or author.cls not in _NO_HAND:
                return Input(edits.t_ms(index) * MS, is_terminal=False)
        return None


def _is_input(step: AnyStep) -> bool:
    """Say whether a person made this step; an agent's command or an anchor is not input."""
    if step.kind not in _INPUT_KINDS:
        return False
    match step:
        case CommandStep(agent_marker=marker):
            return marker is None
        case OpenStep(reason=reason):
            return reason != "anchor"
        case _:
            return True
