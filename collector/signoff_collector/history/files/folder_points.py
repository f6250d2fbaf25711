"""List the restorable states of a folder: right before much of it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signoff_collector.history.files.causes import Causes
from signoff_collector.history.files.changing_steps import REPLACING_OPERATIONS, changed_paths
from signoff_schemas.steps import (
    AgentStep,
    CheckpointStep,
    DeleteStep,
    FilesStep,
    GitStep,
    RenameStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPoint:
    """One restorable state."""

    seq: int
    """The last applied step."""
    t_ns: int
    """Since the session's start."""
    why: str


def folder_points(episode: Episode, folder: str) -> list[FolderPoint]:
    """Return the restorable states of a folder, newest first.

    Args:
        episode: one session.
        folder: relative to its workspace, empty for all of it.
    """
    if not episode.step_count:
        return []
    times = episode.times()
    found = {episode.step_count - 1: "as it was last recorded"}
    for seq, why in _wanted(episode, f"{folder}/" if folder else ""):
        found.setdefault(max(seq, 0), why)
    return [
        FolderPoint(seq=seq, t_ns=int(times[seq]), why=found[seq])
        for seq in sorted(found, reverse=True)
    ]


def has_files_below(episode: Episode, folder: str) -> bool:
    """Return whether a session names any file of a folder, existing or not."""
    prefix = f"{folder}/"
    named = (path for step in episode.steps for path in (step.path, *changed_paths(step)))
    return any(path is not None and path.startswith(prefix) for path in (*episode.files, *named))


def _wanted(episode: Episode, prefix: str) -> Iterator[tuple[int, str]]:
    agent = ""
    causes = Causes(episode.steps)
    begun: dict[int, int] = {}
    for step in episode.steps:
        operation = causes.operation(step)
        if operation is not None:  # its files come before this step: report the operation once
            touched = (path for path in (step.path, *changed_paths(step)) if path is not None)
            if any(path.startswith(prefix) for path in touched):
                begun.setdefault(operation.seq, step.seq)
        elif isinstance(step, AgentStep):
            own = step.agent_session or step.tool or "agent"
            if own != agent:
                yield step.seq - 1, "before the agent began"
            agent = own
        elif isinstance(step, GitStep):
            if step.operation in REPLACING_OPERATIONS:
                yield begun.get(step.seq, step.seq) - 1, f"before git {causes.git_words(step)}"
        elif isinstance(step, (DeleteStep, RenameStep)):
            if step.path is not None and step.path.startswith(prefix):
                done = "deleted" if isinstance(step, DeleteStep) else "renamed"
                yield step.seq - 1, f"before {step.path} was {done}"
        elif not isinstance(step, CheckpointStep) and not (
            isinstance(step, FilesStep) and (step.is_base or causes.reported_before(step))
        ):
            paths = {path for path in changed_paths(step) if path.startswith(prefix)}
            if paths:
                many = f"{len(paths)} files" if len(paths) > 1 else next(iter(paths))
                seq = begun.get(step.seq, step.seq) - 1
                yield seq, f"before {causes.done_by(step)}: {many}"
