"""Files that were recorded and are not to be recorded any more by the time of sealing.

Somebody who adds a file to an ignore file after it was recorded means what stands in it: it
is taken out of the raw history as if forgotten, before an episode is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.policy import Policy, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAKEN_OUT: Final = frozenset({Reason.NEVER, Reason.SIGNOFFIGNORE, Reason.GIT_IGNORED})
"""Verdicts that are somebody's word; what is only unreadable or gone now stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    root: Path
    is_file: bool


def newly_ignored(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those recorded paths that would not be recorded today.

    Args:
        root: the workspace; when it is gone nothing is known, and nothing is returned.
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
