"""Decide which folders are watched and which files are recorded: the policy, queried in batches."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.build_products import is_build_product
from signoff_collector.capture.opt_in.ignoring import FILE_NAME
from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.policy import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from signoff_collector.capture.opt_in.policy import Policy

IGNORE_FILES: Final = frozenset({".gitignore", FILE_NAME})
"""A change to one of these can change what is ignored."""
GIT: Final = ".git"
_MAX_ANSWERS: Final = 50_000
_ASKED_AT_ONCE: Final = 10_000
"""Batch size: a path in a query takes a kilobyte of memory."""


class FileRules:
    """The rules of one workspace; when it may no longer be recorded, everything is excluded."""

    def __init__(self, root: Path, policy: Callable[[], Policy | None]) -> None:
        """Prepare the rules.

        Args:
            root: real path of the workspace.
            policy: returns the current policy, or None when nothing may be recorded.
        """
        self._root = str(root)
        self._policy = policy
        self._answers: dict[str, tuple[object, dict[str, bool]]] = {}
        self._answer_count = 0

    def counts(self, name: str) -> bool:
        """Whether an entry can matter, judged by its name alone.

        Temporary files of editors, and files on the never-record list, are not even looked at.
        """
        if name.casefold() == GIT or is_build_product((name,)):
            return False
        return not is_never_recorded(PurePath(name))

    def files(self, paths: Iterable[str]) -> set[str]:
        """Filter paths, relative to the workspace: those that may be recorded."""
        by_folder: dict[str, list[str]] = {}
        for path in paths:
            by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        policy = self._policy() if by_folder else None
        if policy is None:
            return set()
        known: set[str] = set()
        unknown: list[str] = []
        for folder, members in by_folder.items():
            answers = self._answers_for(policy, folder)
            known.update(path for path in members if answers.get(path))
            unknown += [path for path in members if path not in answers]
        return known | self._ask(policy, unknown)

    def _answers_for(self, policy: Policy, folder: str) -> dict[str, bool]:
        """Return the cached answers for files of a folder, while no ignore file has changed."""
        stamp = (policy, policy.stamp(Path(self._root, folder)))
        remembered = self._answers.get(folder)
        if remembered is None or remembered[0] != stamp:
            if self._answer_count > _MAX_ANSWERS:
                self._answers.clear()
                self._answer_count = 0
            remembered = self._answers[folder] = (stamp, {})
        return remembered[1]

    def _ask(self, policy: Policy, paths: list[str]) -> set[str]:
        allowed: set[str] = set()
        for place in range(0, len(paths), _ASKED_AT_ONCE):
            allowed |= self._ask_some(policy, paths[place : place + _ASKED_AT_ONCE])
        return allowed

    def _ask_some(self, policy: Policy, paths: list[str]) -> set[str]:
        given = {os.path.join(self._root, path): path for path in paths}  # noqa: PTH118  very many
        allowed: set[str] = set()
        for full, verdict in policy.verdicts_of(given).items():
            path = given[full]
            if verdict.recorded:
                allowed.add(path)
            remembered = self._answers.get(path.rpartition("/")[0])
            if remembered is not None and verdict.reason is not Reason.UNDECIDED:
                remembered[1][path] = verdict.recorded
                self._answer_count += 1
        return allowed

    def folders(self, paths: Iterable[str]) -> set[str]:
        """Filter folders: those in which something may be recorded.

        A repository nested in the workspace is excluded. Starts one child process at most.
        """
        given = {Path(self._root, path): path for path in paths}
        policy = self._policy() if given else None
        if policy is None:
            return set()
        # If git did not answer in time, the folder is watched, and each of its files is checked
        # later.
        verdicts = policy.verdicts(given)
        return {
            given[path]
            for path, verdict in verdicts.items()
            if (verdict.recorded or verdict.reason is Reason.UNDECIDED)
            and not os.path.lexists(path / GIT)
        }
