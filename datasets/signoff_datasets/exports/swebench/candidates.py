"""What an episode alone says of a task: statement, patches, and the tests that it was seen to turn.

The lists of tests are candidates. Recorded runs were made on a machine with its own state, so only
`verifying` makes lists that may be published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.verdicts import Run
from signoff_collector.levels.tasks import Proposal, proposed_tasks
from signoff_collector.trees.whole_tree import whole_tree
from signoff_datasets.exports.surroundings import surroundings
from signoff_datasets.exports.swebench.eval_script import BEGIN, END
from signoff_datasets.exports.swebench.leaks import telling_line
from signoff_datasets.exports.swebench.refusals import Refusal
from signoff_schemas.steps import FilesStep, GitStep, TaskStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_datasets.exports.surroundings import Surroundings
    from signoff_datasets.exports.swebench.base_clone import BaseClone

_TEST_FILE: Final = re.compile(r"(?:test_[^/]*|[^/]*_test|conftest)\.py")
_TEST_FOLDERS: Final = frozenset({"test", "tests", "testing"})
_MODULE: Final = re.compile(r"(?:test_[^/]*|[^/]*_test)\.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A stated task of an episode, and where its work lies."""

    number: int
    """Among all tasks of the episode, from 0."""
    statement: str
    first: int
    last: int
    """First and last step."""
    base_commit: str | None
    """As the episode names it; a pseudonym where the repository is not named."""
    is_stated_first: bool
    """It was said before the session's first edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A task with its patches, not yet run."""

    task: Task
    base_commit: str
    patch: str
    test_patch: str
    old_tests: tuple[str, ...]
    """Test files of the patch that the base commit holds."""
    new_tests: tuple[str, ...]
    selection: tuple[str, ...]
    """Test modules to run."""
    fail_to_pass: tuple[str, ...]
    """Tests that failed in a recorded run of the task and passed in the last one."""
    pass_to_pass: tuple[str, ...]
    """Tests that passed in the last run and failed in none."""
    pytest: str | None
    """Version that ran the tests."""
    around: Surroundings
    """As recorded, not verified; without a command that tells what the patch adds."""


def stated_tasks(episode: Episode) -> list[Task | Refusal]:
    """Return the tasks of an episode whose words stood before their first edit, and refusals."""
    found: list[Task | Refusal] = []
    proposals = proposed_tasks(episode)
    base = episode.header.base.commit
    for number, proposal in enumerate(proposals):
        found.append(_stated(episode, number, proposal, base))
        heads = (
            step.head_after
            for step in episode.steps
            if isinstance(step, GitStep) and step.seq <= proposal.to_seq and step.head_after
        )
        base = next(reversed([*heads]), base)
    return found


def _stated(episode: Episode, number: int, proposal: Proposal, base: str | None) -> Task | Refusal:
    steps = [step for step in episode.steps if proposal.from_seq <= step.seq <= proposal.to_seq]
    told = [step for step in steps if isinstance(step, TaskStep) and step.text.strip()]
    if not told:
        return Refusal(reason="no_statement", said=f"task {number} was never stated")
    one = told[0]
    edits = episode.edits
    before = edits.count_until(one.seq) - edits.count_until(proposal.from_seq - 1)
    if one.stated == "review" or one.origin == "commit" or before:
        return _late(number)
    return Task(
        number=number,
        statement=one.text,
        first=proposal.from_seq,
        last=proposal.to_seq,
        base_commit=base,
        is_stated_first=one.stated == "before_first_edit",
    )


def _late(number: int) -> Refusal:
    said = f"task {number} was stated after work on it began, so its words may tell the fix"
    return Refusal(reason="stated_late", said=said)


def _start(episode: Episode, task: Task) -> int:
    """Return the step after which the tree is as the task found it."""
    told = (
        step.seq
        for step in episode.steps
        if isinstance(step, FilesStep) and step.is_base and task.first <= step.seq <= task.last
    )
    return max(told, default=task.first - 1)


def candidate(
    episode: Episode, moments: Moments, task: Task, clone: BaseClone
) -> Candidate | Refusal:
    """Return what the episode says of a task, or why it can be no instance.

    Args:
        episode: that the task is of.
        moments: of it.
        task: of it.
        clone: at the commit that the task began with; nothing in it changes but its objects.

    Raises:
        DamagedError: an edit does not fit its text.
        RefusedError: a path of the episode is not safe to write.
        SignoffError: git fails.
    """
    trees: list[str] = []
    for seq in (_start(episode, task), task.last):
        tree = whole_tree(moments, seq, clone, is_disk=True)
        if tree.missing or tree.unnamed:
            count = len(tree.missing) + tree.unnamed
            return Refusal(
                reason="contents_missing",
                said=f"{count} files of task {task.number} are neither in the episode nor the base",
            )
        trees.append(clone.tree_of(tree.files))
    before, after = trees
    dirty = clone.changed(before)
    if dirty and not task.is_stated_first:
        return _late(task.number)
    if dirty:
        return Refusal(
            reason="start_differs",
            said=f"{len(dirty)} files differed from the base commit when task {task.number} began",
        )
    return _of_trees(episode, moments, task, clone, after)


def _of_trees(
    episode: Episode, moments: Moments, task: Task, clone: BaseClone, after: str
) -> Candidate | Refusal:
    runs = [
        step
        for step in episode.steps
        if isinstance(step, TestsStep) and task.first <= step.seq <= task.last
    ]
    recorded = {name.partition("::")[0] for run in runs for name in run.cases.ids}
    changed = clone.changed(after)
    tests = [path for path in changed if path in recorded or is_test(path)]
    others = [path for path in changed if path not in tests]
    refused = _refused(task, tests, others, runs)
    if refused is not None:
        return refused
    patches: list[str] = []
    for paths in (others, tests):
        try:
            patches.append(clone.patch(after, paths).decode("utf-8"))
        except UnicodeDecodeError:
            return Refusal(reason="unreadable", said=f"the patch of task {task.number} is no UTF-8")
    if any(marker in patch for patch in patches for marker in (BEGIN, END)):
        said = f"the patch of task {task.number} holds a marker of SWE-bench's logs"
        return Refusal(reason="unreadable", said=said)
    if _is_masked(episode, moments, clone, changed, "".join(patches)):
        said = f"the patch of task {task.number} would show text that is masked, or was never seen"
        return Refusal(reason="masked", said=said)
    line = telling_line(task.statement, "".join(patches))
    if line is not None:
        return Refusal(
            reason="statement_tells",
            said=f"the words of task {task.number} hold line {line} of what its patch adds",
        )
    return _assembled(task, clone, runs, tests, patches=(patches[0], patches[1]), episode=episode)


def _is_masked(
    episode: Episode, moments: Moments, clone: BaseClone, changed: Sequence[str], patch: str
) -> bool:
    """Say whether a patch holds a placeholder, or text that the masked episode does not hold.

    What goes and what stays around it comes from the repository, which nobody masked. Where that
    is not public, the episode has to hold the very same text.
    """
    if any(mask in patch for mask in episode.header.masks):
        return True
    if episode.header.base.repository is not None:
        return False
    shown: dict[str, set[str]] = {}
    for life in moments.lives():
        shown.setdefault(life.path, set()).add(life.initial)
    for seq, path in moments.changes():
        told = moments.disk(path, seq)
        if isinstance(told, str):
            shown.setdefault(path, set()).add(told)
    return any(
        _plain(content.decode("utf-8", "replace")) not in set(map(_plain, shown.get(path, ())))
        for path, _, content in clone.files()
        if path in changed
    )


def _plain(text: str) -> str:
    """Return a text without what an editor does not show of a file: its mark, how lines end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _refused(
    task: Task, tests: Sequence[str], others: Sequence[str], runs: Sequence[TestsStep]
) -> Refusal | None:
    if not tests and not others:
        return Refusal(reason="patch_empty", said=f"task {task.number} changed nothing")
    if not others:
        return Refusal(reason="test_only", said=f"task {task.number} changed nothing but tests")
    if not runs:
        return Refusal(reason="no_tests", said=f"no test was run in task {task.number}")
    if any(run.framework != "pytest" for run in runs):
        said = f"tests of task {task.number} ran under another runner; only pytest's can be listed"
        return Refusal(reason="other_runner", said=said)
    return None


def _assembled(
    task: Task,
    clone: BaseClone,
    runs: Sequence[TestsStep],
    tests: Sequence[str],
    *,
    patches: tuple[str, str],
    episode: Episode,
) -> Candidate | Refusal:
    failing, passing = turned(runs)
    held = {path for path, _, _ in clone.files()}
    files = {name.partition("::")[0] for name in failing} | set(tests)
    there = held | set(tests)
    selection = sorted(
        path for path in files if _MODULE.fullmatch(PurePosixPath(path).name) and path in there
    )
    gone = {path for path in tests if path in held and f"--- a/{path}\n+++ /dev/null" in patches[1]}
    selection = [path for path in selection if path not in gone]
    if not selection:
        said = f"no test module of task {task.number} is known to turn"
        return Refusal(reason="no_tests", said=said)
    around = surroundings(episode, task.first, task.last)
    silent = [one for one in around.set_up if telling_line(one.line, "".join(patches)) is None]
    return Candidate(
        task=task,
        base_commit=clone.commit,
        patch=patches[0],
        test_patch=patches[1],
        old_tests=tuple(path for path in tests if path in held),
        new_tests=tuple(path for path in tests if path not in held),
        selection=tuple(selection),
        fail_to_pass=failing,
        pass_to_pass=passing,
        pytest=runs[-1].framework_version,
        around=replace(around, set_up=tuple(silent)),
    )


def turned(runs: Sequence[TestsStep]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tests that were red and are green at the end, and those that were never red."""
    red, last = set[str](), dict[str, bool]()
    for step in runs:
        for name, is_green in Run.of(step).told():
            last[name] = is_green
            if not is_green:
                red.add(name)
    green = sorted(name for name, is_green in last.items() if is_green and "::" in name)
    return (
        tuple(name for name in green if name in red),
        tuple(name for name in green if name not in red),
    )


def is_test(path: str) -> bool:
    """Say whether a file is one of tests, by the names that pytest's users give."""
    place = PurePosixPath(path)
    return bool(_TEST_FILE.fullmatch(place.name)) or not _TEST_FOLDERS.isdisjoint(place.parts[:-1])
