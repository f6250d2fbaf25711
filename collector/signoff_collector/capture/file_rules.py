"""Which folders are watched and which files are told of: the policy, asked in batches."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.ignoring import FILE_NAME
from signoff_collector.capture.never_record import is_never_recorded
from signoff_collector.capture.policy import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from signoff_collector.capture.policy import Policy

IGNORE_FILES: Final = frozenset({".gitignore", FILE_NAME})
"""A change of one of these may hide folders, or show them again."""
GIT: Final = ".git"


class FileRules:
    """Answers for one workspace; whoever may not be recorded any more gets no for everything."""

    def __init__(self, root: Path, policy: Callable[[], Policy | None]) -> None:
        """Make ready.

        Args:
            root: real path of the workspace.
            policy: gives the policy as it is now, or None when nothing may be recorded.
        """
        self._root = str(root)
        self._policy = policy

    def counts(self, name: str) -> bool:
        """Say by its name alone whether an entry can matter.

        What editors leave for a moment, and what is never recorded, is not even looked at.
        """
        return name.casefold() != GIT and not is_never_recorded(PurePath(name))

    def files(self, paths: Iterable[str]) -> set[str]:
        """Give those of some paths, relative to the workspace, that may be recorded."""
        given = {Path(self._root, path): path for path in paths}
        policy = self._policy() if given else None
        if policy is None:
            return set()
        verdicts = policy.verdicts(given)
        return {given[path] for path, verdict in verdicts.items() if verdict.recorded}

    def folders(self, paths: Iterable[str]) -> set[str]:
        """Give those of some folders in which something may be recorded.

        A repository inside the workspace is one of its own. One child process at most.
        """
        given = {Path(self._root, path): path for path in paths}
        policy = self._policy() if given else None
        if policy is None:
            return set()
        # Git had no time to answer: its folder is watched, each of its files is asked about again.
        verdicts = policy.verdicts(given)
        return {
            given[path]
            for path, verdict in verdicts.items()
            if (verdict.recorded or verdict.reason is Reason.UNDECIDED)
            and not os.path.lexists(path / GIT)
        }
