"""Explain why a file has no recorded history, and where else it may be found."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.history.files.changing_steps import changed_paths
from signoff_collector.screen.suggestions import did_you_mean
from signoff_collector.system.files.spelling import true_place
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signoff_collector.history.local_sessions import LocalSession

_ELSE: Final = (
    "Binary, large, ignored and secret files are not kept; `signoff find` searches the rest."
)
_NOWHERE: Final = "It is in no recorded workspace; `signoff list` says which were."
_NEWEST: Final = 3
"""Number of newest sessions whose file names are compared."""


def why_unknown(name: str, sessions: Sequence[tuple[LocalSession, str]]) -> str:
    """Return the hint: git has the file, the name is misspelt, or a rule excludes it."""
    path = Path(name)
    full = true_place(path)
    unknown = _ELSE if sessions else _NOWHERE
    return _in_git(full) or _not_recorded(full) or _meant(name, sessions) or unknown


def _in_git(full: Path) -> str:
    """Return the git command that restores a committed file; empty if git lacks it."""
    from signoff_collector.capture.git.git import Git

    with suppress(SignoffError, OSError):
        folder = next(one for one in full.parents if one.is_dir())
        git = Git(folder)
        if git.repository is None:
            return ""
        top = git.repository.root.resolve()
        inside = full.relative_to(top).as_posix()
        word = shlex.quote(os.path.relpath(full))
        if git.run("ls-tree", "--full-tree", "HEAD", "--", inside).strip():
            return f"It is in git as it was committed last: `git restore -s HEAD -- {word}`."
        deleted = ("log", "-1", "--format=%h", "--diff-filter=D", "HEAD", "--", inside)
        found = git.run(*deleted).decode("ascii", "replace").strip()
        if found:
            return f"It was committed and is in git: `git checkout {found}^ -- {word}`."
    return ""


def _not_recorded(full: Path) -> str:
    """Return the rule by which the file is not recorded; empty if none is known."""
    from signoff_collector.capture.opt_in.policy import Policy, Reason
    from signoff_collector.capture.opt_in.workspaces import Workspaces
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.system.clock import SystemClock

    with suppress(SignoffError, OSError):
        workspace = Workspaces(resolve_home(), SystemClock()).look_up(full.parent).workspace
        if workspace is None:
            return ""
        policy = Policy.for_workspace(workspace)
        verdict = policy.disk_verdict(full) if full.exists() else policy.verdict(full)
        why = {
            Reason.NEVER: "Its name is on the never-record list (docs/never_recorded.md).",
            Reason.BUILD_PRODUCT: "It is a build product, which tools make again.",
            Reason.SIGNOFFIGNORE: "A `.signoffignore` leaves it out.",
            Reason.GIT_IGNORED: "git ignores it, so it is not recorded.",
            Reason.BINARY: "It is binary; those are not kept.",
            Reason.TOO_LARGE: "It is too large: files no editor has open are kept up to 1 MiB.",
            Reason.NESTED: "It is in a separate repository; enable that one.",
        }.get(verdict.reason)
        return why or ""
    return ""


def _meant(name: str, sessions: Iterable[tuple[LocalSession, str]]) -> str:
    """Return the recorded path that is most similar, in the form that the person used."""
    from itertools import islice

    with suppress(SignoffError, OSError):
        for session, path in islice(sessions, _NEWEST):
            steps = session.episode.steps
            named = {one for step in steps for one in changed_paths(step)}
            near = did_you_mean(path, sorted(named.union(session.episode.files)))
            if near:
                shown = os.path.relpath(session.root / near[0])
                return f"Did you mean {shown}?"
    return ""
