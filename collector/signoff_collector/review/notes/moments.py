"""Pick the moments of a task that a person is asked about; a pure function over levels.

Why a moment was picked is told to the person alone: nothing of it is in the plan or the episode.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.episode.moments.moments import Moments
from signoff_schemas.steps import GapStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.levels import Levels
    from signoff_collector.levels.test_runs.red_green import RedGreen

Kind = Literal["pause", "dead_end", "fix"]
QUESTION: Final = "What were you thinking here?"
ASKS: Final[Mapping[Kind, str]] = {
    "pause": "Before the fix you took your time here.",
    "dead_end": "You tried this, and it did not stay.",
    "fix": "With this the test passed.",
}
"""What is said of a moment beside the question."""
PAUSE_NS: Final = 20_000_000_000
"""Less is no pause to ask about."""
IDLE_NS: Final = 20 * 60_000_000_000
"""More is no thought but a break."""
_LINE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMoment:
    """A moment that a person is asked about."""

    after_seq: int
    """The step of the base episode that it follows."""
    kind: Kind
    t_ns: int
    path: str | None
    """Of the file that was edited there; None where it was no edit."""
    line: str
    """The line that was edited, as it stood then; empty where it was no edit."""

    def row(self) -> dict[str, object]:
        """Return the JSON form, with what is said of it."""
        return {**asdict(self), "asks": ASKS[self.kind]}


def asked_moments(
    episode: Episode, levels: Levels, may_bear: Callable[[int], bool]
) -> tuple[AskedMoment, ...]:
    """Return three moments at most, one of each kind, each step once, by rising step.

    Args:
        episode: the base episode.
        levels: of it.
        may_bear: says whether a step is in the task, so that a note may stand behind it.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    moments = Moments(episode)
    found: dict[int, Kind] = {}
    for kind, seqs in (
        ("fix", _fixes(episode, levels, may_bear)),
        ("dead_end", _dead_ends(levels, may_bear)),
        ("pause", _pauses(episode, levels, may_bear)),
    ):
        seq = next((one for one in seqs if may_bear(one) and one not in found), None)
        if seq is not None:
            found[seq] = kind  # type: ignore[assignment]  # the literals above
    times = episode.times()
    return tuple(
        AskedMoment(
            after_seq=seq,
            kind=found[seq],
            t_ns=int(times[seq]),
            path=place[0],
            line=place[1],
        )
        for seq in sorted(found)
        for place in [_place(episode, moments, seq)]
    )


def _turns(levels: Levels, may_bear: Callable[[int], bool]) -> list[RedGreen]:
    """Return real repairs within the task, the longest way first."""
    turns = [
        one
        for one in levels.red_green
        if one.green is not None
        and one.is_tree_changed
        and not one.is_weakened
        and may_bear(one.last_red)
        and may_bear(one.green)
    ]
    return sorted(turns, key=lambda one: (one.last_red - (one.green or 0), one.last_red))


def _fixes(episode: Episode, levels: Levels, may_bear: Callable[[int], bool]) -> Iterator[int]:
    """Yield the last edit before each test passed."""
    for turn in _turns(levels, may_bear):
        place = episode.edits.count_until((turn.green or 0) - 1) - 1
        seq = int(episode.edits.seq[place]) if place >= 0 else -1
        if seq > turn.last_red:
            yield seq


def _dead_ends(levels: Levels, may_bear: Callable[[int], bool]) -> Iterator[int]:
    """Yield the end of each dead end, the largest first."""
    for one in sorted(levels.dead_ends, key=lambda one: (-one.tokens, one.first)):
        if may_bear(one.first):
            yield one.last


def _pauses(episode: Episode, levels: Levels, may_bear: Callable[[int], bool]) -> Iterator[int]:
    """Yield the step before the longest pause between a red run and the first edit behind it."""
    times = episode.times()
    gaps = {step.seq for step in episode.steps if isinstance(step, GapStep)}
    found: list[tuple[int, int]] = []
    for turn in _turns(levels, may_bear):
        place = episode.edits.count_until(turn.last_red)
        if place == len(episode.edits):
            continue
        first = min(int(episode.edits.seq[place]), turn.green or 0)
        for seq in range(turn.last_red, first):
            lasts = int(times[seq + 1] - times[seq])
            if PAUSE_NS <= lasts < IDLE_NS and not {seq, seq + 1} & gaps:
                found.append((-lasts, seq))
    yield from (seq for _, seq in sorted(found))


def _place(episode: Episode, moments: Moments, seq: int) -> tuple[str | None, str]:
    """Return the file and the line of an edit; nothing for another step."""
    edits = episode.edits
    place = edits.count_until(seq) - 1
    if place < 0 or int(edits.seq[place]) != seq:
        return None, ""
    path = episode.files[int(edits.file[place])]
    text = moments.buffer(path, int(edits.buffer[place]), seq) or ""
    at = int(edits.start[place]) + int(edits.inserted[place])
    if at and text[at - 1 : at] == "\n":
        at -= 1
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return path, text[begin : len(text) if end < 0 else end].strip()[:_LINE]
