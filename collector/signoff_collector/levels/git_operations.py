"""Operations of git, as the person meant them: one command may be several steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_schemas.steps import GitStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode

_SAME_NS: Final = 2 * 10**9
"""Steps of one operation without an edit or a run between them are this close."""
_ASIDE: Final = frozenset({"fetch", "tag", "other"})
"""Operations that change neither a file nor the branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOperation:
    """One operation, of one or more steps."""

    operation: str
    first: int
    """`seq` of its first step."""
    last: int
    title: str
    """First line of the last message, else the branch, else nothing."""


def git_operations(episode: Episode) -> tuple[GitOperation, ...]:
    """Return the operations that changed files or the branch, in order."""
    return tuple(_operation(steps) for steps in _grouped(episode))


def _grouped(episode: Episode) -> Iterator[list[GitStep]]:
    group: list[GitStep] = []
    for step in episode.steps:
        if isinstance(step, TestsStep):
            yield from _ended(group)
        if not isinstance(step, GitStep) or step.operation in _ASIDE:
            continue
        if group and not _continues(episode, group[-1], step):
            yield from _ended(group)
        group.append(step)
    yield from _ended(group)


def _ended(group: list[GitStep]) -> Iterator[list[GitStep]]:
    if group:
        yield group.copy()
        group.clear()


def _continues(episode: Episode, before: GitStep, step: GitStep) -> bool:
    """Say whether two steps are of one operation; a commit is always one of its own."""
    edits = episode.edits
    return (
        before.operation == step.operation
        and step.operation not in {"commit", "amend"}
        and step.t_ns - before.t_ns <= _SAME_NS
        and edits.count_until(before.seq) == edits.count_until(step.seq)
    )


def _operation(steps: list[GitStep]) -> GitOperation:
    said = (line for step in reversed(steps) if (line := _first_line(step.message)))
    branch = next((step.branch for step in reversed(steps) if step.branch), None)
    return GitOperation(
        operation=steps[-1].operation,
        first=steps[0].seq,
        last=steps[-1].seq,
        title=next(said, branch or ""),
    )


def _first_line(message: str | None) -> str:
    return (message or "").strip().partition("\n")[0].strip()
