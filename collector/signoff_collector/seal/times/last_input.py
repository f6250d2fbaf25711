"""What the person did last, and where the keyboard went: why a silence is a silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.seal.building import MS
from signoff_schemas.steps import CommandStep, OpenStep
from signoff_schemas.words import ActorClass, Basis, GapReason

if TYPE_CHECKING:
    from signoff_collector.seal.building import Builder
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
"""Steps that a person makes; `tests`, `files`, `git`, `agent` may be anybody's."""
_NO_HAND: Final = frozenset(
    {
        ActorClass.FORMATTER,
        ActorClass.ASSISTANT,
        ActorClass.GIT,
        ActorClass.EXTERNAL,
        ActorClass.PREEXISTING,
    }
)
"""Edits of these classes were not made by hand; of an unknown one nobody says that it was not."""


class Input(NamedTuple):
    """Something a person did."""

    t_ns: int
    is_terminal: bool
    """Whether it was done in a terminal."""


class Presence:
    """Which editor has the keyboard, as their companions tell."""

    def __init__(self) -> None:
        self._focused: set[int] = set()
        self._is_told = False
        """Whether the last word is still true: no editor that had the keyboard has ended since."""
        self._went_to: object = None

    def focus(self, buffer: int, *, gained: bool, to: object) -> None:
        """Take what one editor told; another may have told the opposite a moment before."""
        self._is_told = True
        if gained:
            self._focused.add(buffer)
            return
        self._focused.discard(buffer)
        self._went_to = to

    def left(self, buffer: int) -> None:
        """An editor is gone."""
        if buffer in self._focused:
            self._focused.discard(buffer)
            self._is_told = bool(self._focused)

    def why_silent(self, *, is_elsewhere: bool) -> tuple[GapReason, Basis]:
        """Return why nothing came: away only where an editor said that its focus was lost.

        Args:
            is_elsewhere: the last thing seen was done in a terminal.
        """
        if self._focused:
            return GapReason.IDLE, Basis.OBSERVED
        if self._is_told and self._went_to == "other" and not is_elsewhere:
            return GapReason.AWAY, Basis.OBSERVED
        return GapReason.IDLE, Basis.INFERRED


class Inputs:
    """Finds the last thing a person did among the steps taken so far, looking at each once."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._steps_seen = 0
        self._edits_seen = 0
        self._latest: Input | None = None

    def latest(self) -> Input | None:
        """Return the last input, or None when nothing was seen that a person does."""
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
    """Say whether a person made a step: not an agent's command, nor a text that was anchored."""
    if step.kind not in _INPUT_KINDS:
        return False
    match step:
        case CommandStep(agent_marker=marker):
            return marker is None
        case OpenStep(reason=reason):
            return reason != "anchor"
        case _:
            return True
