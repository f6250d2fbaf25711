"""Tests that failed and then passed (red→green), and tests that passed and then failed.

Which run says what of a test is the rule of `episode.verdicts`: a run that was interrupted, called
wrongly or collected nothing makes no test red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.episode.verdicts import RedTests, Run
from signoff_collector.levels.test_runs.assertions import asks_less, asks_otherwise
from signoff_collector.levels.test_runs.changed_files import ChangedFiles
from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments


@dataclass(frozen=True, slots=True, kw_only=True)
class RedGreen:
    """One test from its first failure to its pass."""

    test: str
    """Its id as the runner gave it, or the command of a run without results per test."""
    red: int
    """`seq` of the run in which it failed first."""
    last_red: int
    """`seq` of the last run in which it failed; the repair lies between it and `green`."""
    green: int | None
    """`seq` of the run that passed; None while it is red at the end."""
    is_new: bool
    """The first verdict on this test was a failure: it was written before what it tests."""
    is_tree_changed: bool
    """The disk differed between `last_red` and `green`; False marks a flaky test."""
    is_by_test_edit: bool
    """Of the files that changed, the file of the test itself was one."""
    is_weakened: bool
    """Its file then had fewer assertions or more skips, or only its file changed and an assertion
    in it did. False where its text is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenRed:
    """One test that passed and then failed, in consecutive verdicts."""

    test: str
    green: int
    red: int
    is_tree_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """All turns of an episode."""

    repaired: tuple[RedGreen, ...]
    """By the run that passed; those still red come last."""
    broken: tuple[GreenRed, ...]

    def by_run(self) -> dict[int | None, list[RedGreen]]:
        """Return the repaired tests by the run that passed; those still red under None."""
        found: dict[int | None, list[RedGreen]] = {}
        for one in self.repaired:
            found.setdefault(one.green, []).append(one)
        return found


def turns(episode: Episode, moments: Moments) -> Turns:
    """Return every turn, in one pass over the test runs.

    Args:
        episode: what is looked at.
        moments: of it.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    return _Turning(episode, moments).turns()


class _Turning:
    def __init__(self, episode: Episode, moments: Moments) -> None:
        self._moments = moments
        self._runs = [step for step in episode.steps if isinstance(step, TestsStep)]
        self._changed = ChangedFiles(episode)
        self._between: dict[tuple[int, int], frozenset[str]] = {}
        self._red = RedTests[int]()
        self._states: dict[int, int | None] = {step.seq: _state(step) for step in self._runs}
        self._last_red: dict[str, int] = {}
        self._last_green: dict[str, int] = {}
        self._new: set[str] = set()
        self._repaired: list[RedGreen] = []
        self._broken: list[GreenRed] = []

    def turns(self) -> Turns:
        for step in self._runs:
            self._take(step)
        left = sorted(self._red.since.items(), key=lambda item: (item[1], item[0]))
        still = [self._repair(name, red, None) for name, red in left]
        return Turns(repaired=(*self._repaired, *still), broken=tuple(self._broken))

    def _take(self, step: TestsStep) -> None:
        run = Run.of(step)
        told = run.told()
        for name, is_green in told:
            if not is_green and name not in self._last_red and name not in self._last_green:
                self._new.add(name)
        turned = self._red.take(run, step.seq)
        for name, red in sorted(turned.items()):
            self._repaired.append(self._repair(name, red, step.seq))
        for name, is_green in told:
            if is_green:
                self._last_green[name] = step.seq
                continue
            green = self._last_green.pop(name, None)
            if green is not None:
                is_changed = self._is_changed(green, step.seq)
                self._broken.append(
                    GreenRed(test=name, green=green, red=step.seq, is_tree_changed=is_changed)
                )
            self._last_red[name] = step.seq

    def _repair(self, name: str, red: int, green: int | None) -> RedGreen:
        last_red = self._last_red[name]
        changed = self._paths(last_red, green)
        file = name.partition("::")[0]
        return RedGreen(
            test=name,
            red=red,
            last_red=last_red,
            green=green,
            is_new=name in self._new,
            is_tree_changed=green is not None and self._is_changed(last_red, green),
            is_by_test_edit=file in changed,
            is_weakened=file in changed
            and green is not None
            and self._is_weakened(file, last_red, green, is_alone=len(changed) == 1),
        )

    def _is_weakened(self, file: str, red: int, green: int, *, is_alone: bool) -> bool:
        before, after = (self._moments.disk(file, seq) for seq in (red, green))
        if not isinstance(before, str) or not isinstance(after, str):
            return False
        return asks_less(before, after) or (is_alone and asks_otherwise(before, after))

    def _paths(self, after: int, until: int | None) -> frozenset[str]:
        """Return the files that lie otherwise on disk than before."""
        if until is None:
            return frozenset()
        if (after, until) not in self._between:
            disk = self._moments.disk
            touched = self._changed.between(after, until)
            self._between[after, until] = frozenset(
                path for path in touched if disk(path, after) != disk(path, until)
            )
        return self._between[after, until]

    def _is_changed(self, after: int, until: int) -> bool:
        """Compare the whole trees where both are known, else the files that steps touched."""
        one, other = self._states[after], self._states[until]
        if one is not None and other is not None:
            return one != other
        return bool(self._paths(after, until))


def _state(step: TestsStep) -> int | None:
    """Return the tree that a run saw, where it surely saw one."""
    before, after = step.state_before, step.state_after
    return before if before is not None and after in (None, before) else None
