"""Find the lists of an instance by running its tests, five times before the fix and five after.

Each run is the very script that SWE-bench will run, in a fresh copy of a clean clone, shut in. A
test is listed only if all runs agree; what differs from run to run is flaky and of no list.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.scratch import scratch_folder
from signoff_datasets.exports.swebench.eval_script import eval_script, has_ended, outcomes_of
from signoff_datasets.exports.swebench.refusals import Refusal
from signoff_datasets.exports.swebench.shutting_in import TIMEOUT_S
from signoff_schemas.errors import ChildFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signoff_datasets.exports.swebench.base_clone import BaseClone
    from signoff_datasets.exports.swebench.candidates import Candidate
    from signoff_datasets.exports.swebench.shutting_in import Cell, ShutIn

RUNS: Final = 5
_COLLECTED: Final = frozenset({0, 5})
"""Exit codes of pytest that only collects: tests, or none."""
Outcomes = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What the runs agree on."""

    fail_to_pass: tuple[str, ...]
    """Failed or missing in every run before, passed in every run after."""
    pass_to_pass: tuple[str, ...]
    """Passed in all."""
    flaky: tuple[str, ...]
    """Unlike from run to run, before or after."""
    cut: tuple[str, ...]
    """Names that a log of SWE-bench's cannot tell apart: they hold a space."""
    walls: dict[str, bool]
    """What the runs were shut in by."""


def verified(
    candidate: Candidate,
    clone: BaseClone,
    cell: Cell,
    *,
    runs: int = RUNS,
    timeout_s: float = TIMEOUT_S,
    told: Callable[[str], None] = lambda _: None,
) -> Lists | Refusal:
    """Run the tests and return the lists, or why there are none.

    Args:
        candidate: what is run.
        clone: at its base commit; copied for each run.
        cell: how it is shut in.
        runs: how often, before and after.
        timeout_s: limit of one run.
        told: is told of each run.

    Raises:
        SignoffError: git fails, or a copy cannot be written.
    """
    running = _Running(candidate, clone, cell, timeout_s, told)
    number = candidate.task.number
    try:
        if not running.collects():
            said = f"pytest does not collect the tests of task {number} at its base commit"
            return Refusal(reason="base_fails", said=said)
        before = [running.outcomes(with_patch=False) for _ in range(runs)]
        after = [running.outcomes(with_patch=True) for _ in range(runs)]
    except ChildFailedError as error:
        return Refusal(reason="stopped", said=f"a run of task {number} was stopped: {error}")
    lists = agreed(before, after, frozenset(running.cut), cell.walls)
    if not lists.fail_to_pass:
        said = f"no test of task {number} failed before and passed after in all {runs} runs"
        return Refusal(reason="no_fail_to_pass", said=said)
    return lists


def agreed(
    before: Sequence[Outcomes],
    after: Sequence[Outcomes],
    cut: frozenset[str],
    walls: dict[str, bool],
) -> Lists:
    """Return what all runs agree on."""
    names = sorted({name for run in (*before, *after) for name in run} - cut)
    failing: list[str] = []
    passing: list[str] = []
    flaky: list[str] = []
    for name in names:
        old = {run.get(name, "") for run in before}
        new = {run.get(name, "") for run in after}
        if new == {"PASSED"} and old <= {"FAILED", "ERROR", ""}:
            failing.append(name)
        elif old == new == {"PASSED"}:
            passing.append(name)
        elif len(old) > 1 or len(new) > 1:
            flaky.append(name)
    return Lists(
        fail_to_pass=tuple(failing),
        pass_to_pass=tuple(passing),
        flaky=tuple(flaky),
        cut=tuple(sorted(cut)),
        walls=walls,
    )


class _Running:
    def __init__(
        self,
        candidate: Candidate,
        clone: BaseClone,
        cell: Cell,
        timeout_s: float,
        told: Callable[[str], None],
    ) -> None:
        self._candidate = candidate
        self._clone = clone
        self._cell = cell
        self._timeout_s = timeout_s
        self._told = told
        self.cut = set[str]()

    def collects(self) -> bool:
        """Say whether the base commit, as it is, lets its tests be collected."""
        new = set(self._candidate.new_tests)
        old = [path for path in self._candidate.selection if path not in new]
        line = ["python", "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"]
        if not old:
            line = ["python", "-m", "pytest", "--version"]
        done = self._run([*line, *old], with_patch=False)
        return done.exit_code in _COLLECTED

    def outcomes(self, *, with_patch: bool) -> Outcomes:
        """Return the status of each test in one run of the script."""
        done = self._run(None, with_patch=with_patch)
        if not has_ended(done.log):
            raise ChildFailedError("the script did not come to its end")
        found, cut = outcomes_of(done.log)
        self.cut |= cut
        return found

    def _run(self, argv: Sequence[str] | None, *, with_patch: bool) -> ShutIn:
        """Run the script, or another line, in a fresh copy."""
        self._told("after" if with_patch else "before")
        with scratch_folder("signoff-", what="a clone") as made:
            folder = Path(made).resolve()
            copy = self._clone.copy(folder / "work")
            if with_patch:
                copy.apply(self._candidate.patch)
            self._cell.prepare(folder)
            script = folder / "eval.sh"
            script.write_text(script_of(self._candidate, str(folder / "work")), "utf-8")
            words = argv or ("/bin/bash", str(script))
            return self._cell.run(words, folder, timeout_s=self._timeout_s)


def script_of(candidate: Candidate, folder: str) -> str:
    """Return the script of a candidate, for a repository in some folder."""
    return eval_script(
        base_commit=candidate.base_commit,
        test_patch=candidate.test_patch,
        old_files=candidate.old_tests,
        new_files=candidate.new_tests,
        selection=candidate.selection,
        folder=folder,
    )
