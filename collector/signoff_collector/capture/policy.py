"""What of a workspace may be written down at all, decided before anything is.

The verdicts are separate and any of them is enough to say no: outside the workspace, a repository
of its own, the never-record list, `.signoffignore`, what git ignores, NUL bytes, size. What cannot
be decided in time is not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.capture.workspaces import Workspace

MAX_OPEN_BYTES: Final = 8 << 20
"""Largest text of an open document, as UTF-8."""

MAX_UNOPENED_BYTES: Final = 1 << 20
"""Largest file that is read from disk although no editor has it open."""


class Reason(StrEnum):
    """Why a path is recorded or not."""

    RECORDED = "recorded"
    OUTSIDE = "outside"
    NESTED = "nested_repository"
    GIT_INTERNAL = "git_internal"
    NEVER = "never_record"
    SIGNOFFIGNORE = "signoffignore"
    GIT_IGNORED = "git_ignored"
    BINARY = "binary"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one path or text may be written down, and why."""

    recorded: bool
    reason: Reason


RECORDED: Final = Verdict(recorded=True, reason=Reason.RECORDED)


class Policy:
    """The verdicts for one workspace; cached until an ignore file on the way changes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @classmethod
    def for_workspace(cls, workspace: Workspace) -> Policy:
        """Make the policy of a workspace; cheap, nothing is read before the first verdict."""
        return cls(workspace)

    def verdict(self, path: Path) -> Verdict:
        """Decide by place and name alone; the file need not exist and is never opened."""
        return self.verdicts((path,))[path]

    def verdicts(self, paths: Iterable[Path]) -> dict[Path, Verdict]:
        """Decide many paths with at most one child process."""
        raise NotImplementedError

    def text_verdict(self, path: Path, text: str) -> Verdict:
        """Decide for a document open in an editor: place, name, NUL, 8 MiB."""
        raise NotImplementedError

    def disk_verdict(self, path: Path) -> Verdict:
        """Decide for a file nobody has open: place, name, regular, 1 MiB, NUL bytes."""
        raise NotImplementedError
