"""What changed files on disk: the operations of a session, and the steps that are part of one.

The file watcher's steps stand before the step of the git operation or command that made them, at
its moment; behind it where a command line told of git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.capture.runs.command_lines import split_line
from signoff_collector.history.search.changing_steps import (
    REPLACING_OPERATIONS,
    changed_paths,
    named,
)
from signoff_collector.seal.disk.explaining import GIT_WITHIN_MS, RUN_WITHIN_MS, program_of
from signoff_schemas.steps import CommandStep, CreateStep, DeleteStep, FilesStep, GitStep
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_schemas.steps import AnyStep

_MAKERS: Final = {"git": "git {} (a change on disk)", "command": "`{}`", "agent": "agent {}"}
"""What evidence of a change on disk names, and how it is told."""
_LATE_NS: Final = RUN_WITHIN_MS * 1_000_000
"""So long after a line had ended, what it changed may have been seen."""
_GIT_LATE_NS: Final = GIT_WITHIN_MS * 1_000_000
_TOLD_STEPS: Final = 3
"""Behind an operation that a command line told come the command, a checkpoint and its files."""


class Causes:
    """The operations of one session that change files."""

    def __init__(self, steps: Sequence[AnyStep]) -> None:
        """Look for them once."""
        self.replacing = [
            one
            for one in steps
            if isinstance(one, GitStep) and one.operation in REPLACING_OPERATIONS
        ]
        """Operations of git that put other contents into files."""
        self._git = {(one.t_ns, one.state): one for one in reversed(self.replacing)}
        self._told = {one.seq: one for one in self.replacing if not one.head_after}
        self._lines = [one for one in steps if isinstance(one, CommandStep)]
        self._commands = {
            one.t_ns: one for one in steps if isinstance(one, CommandStep) and one.disk
        }

    def operation(self, step: AnyStep) -> GitStep | CommandStep | None:
        """Return the operation that a change on disk is part of, of the same moment."""
        if not isinstance(step, (FilesStep, DeleteStep, CreateStep)):
            return None
        git = self._git.get((step.t_ns, step.state))
        if git is not None and step.actor.cls is ActorClass.GIT:
            return git
        command = self._commands.get(step.t_ns)
        if command is None or step.seq > command.seq:
            return None
        paths = {step.path, *changed_paths(step)} - {None}
        return command if paths <= set(changed_paths(command)) else None

    def told_before(self, step: FilesStep) -> GitStep | None:
        """Return the operation that a command line told right before a change on disk."""
        if step.actor.cls is not ActorClass.GIT:
            return None
        near = range(step.seq - _TOLD_STEPS, step.seq)
        return next((self._told[seq] for seq in near if seq in self._told), None)

    def done_by(self, step: AnyStep, *, is_gone: bool = False) -> str:
        """Return what a step that changed files on disk is called, or what made it.

        Args:
            step: one of the session.
            is_gone: the file that is asked for was taken away by it.
        """
        if not isinstance(step, FilesStep):
            return named(step)
        operation = self.operation(step) or (None if is_gone else self.told_before(step))
        if isinstance(operation, GitStep):
            is_seen = step.actor.basis is Basis.OBSERVED
            return _MAKERS["git"].format(self.git_words(operation, is_file_changed=is_seen))
        if operation is not None:
            return named(operation)
        if step.actor.cls is ActorClass.GIT:  # others are just near
            return "it was deleted" if is_gone else named(step)
        told = [one.partition(" ")[::2] for one in step.actor.evidence]
        makers = [(what, name) for what, name in told if name and what in _MAKERS]
        if len(makers) != 1:
            return named(step)  # of two that ran at once nobody knows which it was
        what, name = makers[0]
        return self._line(step, name) if what == "command" else _MAKERS[what].format(name)

    def git_words(self, step: GitStep, *, is_file_changed: bool = False) -> str:
        """Return what a git operation is called.

        Git's reflog tells alike of a stash that was popped and of one that was dropped: only the
        first changes files, and a typed line says which it was.
        """
        told = (step.message or "").partition(":")[0]
        if step.operation != "stash" or told not in {"drop", "apply"}:
            return step.operation
        if told == "apply" or is_file_changed:
            return "stash apply" if told == "apply" else "stash pop"
        typed = [
            item.words[2]
            for one in self._lines
            if one.t_ns - (one.duration_ns or 0) <= step.t_ns <= one.t_ns + _GIT_LATE_NS
            for item in split_line(one.line or " ".join(one.argv))
            if item.words[:2] == ("git", "stash") and item.words[2:3] in {("pop",), ("drop",)}
        ]
        return f"stash {typed[0] if len(typed) == 1 else 'pop or drop'}"

    def _line(self, step: AnyStep, program: str) -> str:
        """Return the line that ran a program when a change was made, or else the program."""
        lines = [
            one
            for one in self._lines
            if one.t_ns - (one.duration_ns or 0) <= step.t_ns <= one.t_ns + _LATE_NS
            and program_of(vars(one)) == program
        ]
        return named(lines[0]) if len(lines) == 1 else _MAKERS["command"].format(program)
