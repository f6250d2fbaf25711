"""Attempts: what lies between two verifications, and its phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signoff_collector.levels.test_runs.verifications import Verification, verifications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode

Label = Literal["improved", "regressed", "same", "unknown"]
PhaseName = Literal["localise", "patch", "validate", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The steps after one verification up to and with the next."""

    first: int
    last: int
    verification: int | None
    """`seq` of the run that ended it, which is `last`; None for what follows the last one."""
    label: Label
    """How the failing tests changed, over those that were known before and were told of now."""
    failing: int | None
    """Number of failures that the verification told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of an attempt."""

    name: PhaseName
    """`localise` before its first edit, `patch` from its first to its last edit, `validate` from
    there to the run that ended it; `other` where no run did."""
    first: int
    last: int


def attempts(episode: Episode) -> tuple[Attempt, ...]:
    """Partition the episode into attempts."""
    found: list[Attempt] = []
    first = 0
    known: dict[str, bool] = {}
    for one in verifications(episode):
        found.append(
            Attempt(
                first=first,
                last=one.seq,
                verification=one.seq,
                label=_label(known, one),
                failing=sum(not is_green for _, is_green in one.verdicts),
            )
        )
        known.update(one.verdicts)
        first = one.seq + 1
    if first < episode.step_count:
        rest = episode.step_count - 1
        found.append(
            Attempt(first=first, last=rest, verification=None, label="unknown", failing=None)
        )
    return tuple(found)


def _label(known: dict[str, bool], one: Verification) -> Label:
    common = [(known[name], is_green) for name, is_green in one.verdicts if name in known]
    if not common:
        return "unknown"
    change = sum(is_green - was_green for was_green, is_green in common)
    return "improved" if change > 0 else "regressed" if change < 0 else "same"


def phases(episode: Episode, found: tuple[Attempt, ...]) -> tuple[Phase, ...]:
    """Partition each attempt, and so the episode, into phases."""
    return tuple(phase for attempt in found for phase in _phases(episode, attempt))


def _phases(episode: Episode, attempt: Attempt) -> Iterator[Phase]:
    edits = episode.edits
    low, high = edits.count_until(attempt.first - 1), edits.count_until(attempt.last)
    end: PhaseName = "other" if attempt.verification is None else "validate"
    if low == high:
        yield Phase(name=end, first=attempt.first, last=attempt.last)
        return
    first, last = int(edits.seq[low]), int(edits.seq[high - 1])
    if first > attempt.first:
        yield Phase(name="localise", first=attempt.first, last=first - 1)
    yield Phase(name="patch", first=first, last=last)
    if last < attempt.last:
        yield Phase(name=end, first=last + 1, last=attempt.last)
