"""Attribute changes on disk to the git operation or command that made them.

The file watcher's steps come before the step of the operation that made them, at the same time. If
a command line reported the git operation, they come after it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from signoff_collector.history.files.changing_steps import (
    REPLACING_OPERATIONS,
    changed_paths,
    named,
)
from signoff_collector.seal.disk.explaining import GIT_WITHIN_MS, RUN_WITHIN_MS, program_of
from signoff_collector.text.command_lines import split_line
from signoff_schemas.steps import CommandStep, CreateStep, DeleteStep, FilesStep, GitStep
from signoff_schemas.words import ActorClass, Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_schemas.steps import AnyStep

_MAKERS: Final = {"git": "git {} (a change on disk)", "command": "`{}`", "agent": "agent {}"}
"""Evidence of a change on disk to the words that describe its cause."""
_OPEN_EDITORS: Final = frozenset(
    ("command", name)
    for name in ("code", "emacs", "emacsclient", "helix", "hx", "nano", "nvim", "vi", "vim")
)
"""Editors stay open while other lines run; a save of theirs is announced, so it has a name."""
_LATE_NS: Final = RUN_WITHIN_MS * 1_000_000
"""Delay within which a change may be noticed after the end of its command."""
_GIT_LATE_NS: Final = GIT_WITHIN_MS * 1_000_000
_REFS_WITHIN_NS: Final = 600_000_000
"""Delay from the last file of a step to git's refs; the actor's longer one takes in scripts too."""
_TOLD_STEPS: Final = 3
"""Steps between an operation reported by a command line and its files: command, checkpoint."""


class Causes:
    """The operations of one session that change files."""

    def __init__(self, steps: Sequence[AnyStep]) -> None:
        """Index them once."""
        self.replacing = [
            one
            for one in steps
            if isinstance(one, GitStep) and one.operation in REPLACING_OPERATIONS
        ]
        """Git operations that replace contents of files."""
        self._git = {(one.t_ns, one.state): one for one in reversed(self.replacing)}
        self._told = {one.seq: one for one in self.replacing if not one.head_after}
        self._lines = [one for one in steps if isinstance(one, CommandStep)]
        self._commands = {
            one.t_ns: one for one in steps if isinstance(one, CommandStep) and one.disk
        }

    def operation(self, step: AnyStep) -> GitStep | CommandStep | None:
        """Return the operation with the same time that a change on disk belongs to."""
        if not isinstance(step, (FilesStep, DeleteStep, CreateStep)):
            return None
        if step.actor.cls is ActorClass.GIT:
            git = self._git.get((step.t_ns, step.state)) or self._git_after(step)
            if git is not None:
                return git
        command = self._commands.get(step.t_ns)
        if command is None or step.seq > command.seq:
            return None
        paths = {step.path, *changed_paths(step)} - {None}
        return command if paths <= set(changed_paths(command)) else None

    def _git_after(self, step: AnyStep) -> GitStep | None:
        """Return the git operation that wrote its refs soon after these files.

        A filter such as git-lfs, or a busy disk, may part them into several steps.
        """
        place = bisect_right(self.replacing, step.seq, key=lambda one: one.seq)
        for git in self.replacing[place : place + 1]:
            is_soon = git.t_ns - step.t_ns <= _REFS_WITHIN_NS
            if is_soon and f"git {git.operation}" in step.actor.evidence:
                return git
        return None

    def reported_before(self, step: FilesStep) -> GitStep | None:
        """Return the git operation reported by a command line just before a change on disk."""
        if step.actor.cls is not ActorClass.GIT:
            return None
        near = range(step.seq - _TOLD_STEPS, step.seq)
        return next((self._told[seq] for seq in near if seq in self._told), None)

    def done_by(self, step: AnyStep, *, is_gone: bool = False) -> str:
        """Describe what changed files on disk at a step.

        Args:
            step: one of the session.
            is_gone: whether the step deleted the file in question.
        """
        if not isinstance(step, FilesStep):
            return named(step)
        operation = self.operation(step) or (None if is_gone else self.reported_before(step))
        if isinstance(operation, GitStep):
            is_seen = step.actor.basis is Basis.OBSERVED
            return _MAKERS["git"].format(self.git_words(operation, is_file_changed=is_seen))
        if operation is not None:
            return named(operation)
        unknown = "it was deleted" if is_gone else named(step)
        if step.actor.cls is ActorClass.GIT:  # other commands only happened nearby
            return unknown
        told = [one.partition(" ")[::2] for one in step.actor.evidence]
        makers = [(what, name) for what, name in told if name and what in _MAKERS]
        if len(makers) > 1:
            makers = [one for one in makers if one not in _OPEN_EDITORS]
        if len(makers) != 1:
            return unknown  # two ran at the same time: the cause is ambiguous
        what, name = makers[0]
        return self._line(step, name) if what == "command" else _MAKERS[what].format(name)

    def git_words(self, step: GitStep, *, is_file_changed: bool = False) -> str:
        """Describe a git operation.

        The reflog has the same entry for `stash pop` and `stash drop`. Only the first changes
        files, and only a typed command line tells them apart.
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
        """Return the command line of a program that ran during a change, or the program's name."""
        lines = [
            one
            for one in self._lines
            if one.t_ns - (one.duration_ns or 0) <= step.t_ns <= one.t_ns + _LATE_NS
            and program_of(vars(one)) == program
        ]
        return named(lines[0]) if len(lines) == 1 else _MAKERS["command"].format(program)
