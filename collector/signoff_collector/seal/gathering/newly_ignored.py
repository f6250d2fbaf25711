"""Finds recorded files that have been added to an ignore file by the time of sealing.

Who adds a file to an ignore file after it was recorded does not want its content kept. So it is
removed from the raw history, as by `forget`, before an episode is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.policy import Policy, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAKEN_OUT: Final = frozenset({Reason.NEVER, Reason.SIGNOFFIGNORE, Reason.GIT_IGNORED})
"""Verdicts based on a list or an ignore file; files now unreadable or deleted stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    root: Path
    is_file: bool


def newly_ignored(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those recorded paths that would not be recorded today.

    Args:
        root: the workspace; when it no longer exists, nothing is returned.
        paths: relative to it, with forward slashes.
    """
    if not root.exists():
        return ()
    policy = Policy.for_workspace(_Place(root=root, is_file=root.is_file()))
    wanted = {root / path: path for path in paths}
    verdicts = policy.verdicts(wanted)
    return tuple(
        sorted(wanted[path] for path, said in verdicts.items() if said.reason in _TAKEN_OUT)
    )
