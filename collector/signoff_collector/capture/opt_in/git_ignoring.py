"""Ask git which paths it ignores in one work tree, and cache the answers.

Asked with `--no-index`: otherwise git does not report a tracked file that a pattern matches, and
may start the repository's own fsmonitor program (threat 34). The caller treats a path without an
answer in time as ignored.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.workspaces.work_trees import file_stamp, steps_up
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.capture.git.git import Git
    from signoff_collector.workspaces.work_trees import WorkTree

TIMEOUT_S: Final = 5.0
_ANSWERS: Final = frozenset({0, 1})
"""Exit codes of `check-ignore`: some, or none, of the paths are ignored."""
_MAX_REMEMBERED: Final = 10_000
"""Cache size: a path takes half a kilobyte here; callers with more keep smaller caches."""

Stamp = tuple[int, ...] | None


class GitIgnoring:
    """Answers for one work tree."""

    def __init__(self, tree: WorkTree) -> None:
        self._tree = tree
        self._top = str(tree.root)
        self._remembered: dict[str, tuple[tuple[Stamp, ...], bool]] = {}
        self._users_file: Path | None = None

    @cached_property
    def _git(self) -> Git:
        from signoff_collector.capture.git.git import Git  # here, since `status` never asks git

        return Git(self._tree.root)

    def ignored(self, paths: Iterable[str]) -> dict[str, bool]:
        """Return for real paths below the work tree whether git ignores them.

        Starts one child process at most. Paths that git could not decide, or not in time, are left
        out of the answer.
        """
        stamps: dict[str, tuple[Stamp, ...]] = {}
        answers: dict[str, bool] = {}
        asked: dict[str, tuple[Stamp, ...]] = {}
        for path in paths:
            folder = path.rpartition("/")[0]
            stamp = stamps.get(folder)
            if stamp is None:
                stamp = stamps[folder] = self.stamp(Path(folder))
            known = self._remembered.get(path)
            if known is not None and known[0] == stamp:
                answers[path] = known[1]
            else:
                asked[path] = stamp
        found = self._ask(list(asked)) if asked else {}
        if len(self._remembered) + len(found) > _MAX_REMEMBERED:
            self._remembered.clear()
        if len(found) <= _MAX_REMEMBERED:
            self._remembered.update({path: (asked[path], answer) for path, answer in found.items()})
        return answers | found

    def _ask(self, paths: list[str]) -> dict[str, bool]:
        """Run git once; an empty answer if it fails."""
        pipes: dict[str, bool] = {}
        names = {
            b"./" + self._name(path): path
            for path in paths
            if not self._would_wait(path.rpartition("/")[0], pipes)
        }
        if not names:
            return {}
        try:
            listed = self._git.run(
                "check-ignore", "--no-index", "-z", "--stdin",
                stdin=b"".join(name + b"\0" for name in names),
                timeout_s=TIMEOUT_S,
                accepted=_ANSWERS,
            )  # fmt: skip
            self._users_file = _users_file(self._git.environment)
        except SignoffError:
            return {}
        ignored = {names.get(name) for name in listed.split(b"\0")}
        return {path: path in ignored for path in names.values()}

    def _name(self, path: str) -> bytes:
        """Return a path relative to the top of the work tree, as bytes for git."""
        top = self._top if self._top.endswith("/") else f"{self._top}/"
        if path.startswith(top):
            return os.fsencode(path[len(top) :])
        return os.fsencode(Path(path).relative_to(self._tree.root))

    def _would_wait(self, folder: str, known: dict[str, bool]) -> bool:
        """Whether git would block on a pipe or device in place of a `.gitignore` on its way."""
        if folder not in known:
            from signoff_collector.capture.git.git_repository import is_pipe

            place = Path(folder)
            known[folder] = place.is_relative_to(self._tree.root) and (
                is_pipe(place / ".gitignore") or self._would_wait(str(place.parent), known)
            )
        return known[folder]

    def _settings(self) -> list[Path]:
        user = Path.home()
        files = [user / ".gitconfig", user / ".config" / "git" / "config"]
        if self._tree.common_dir is not None:
            files.append(self._tree.common_dir / "config")
        return files

    def stamp(self, folder: Path) -> tuple[Stamp, ...]:
        """Return a stamp that changes when any ignore file for a folder does."""
        steps = steps_up(str(folder), self._top)
        files: list[Path | str] = [f"{step}/.gitignore" for step in steps]
        files += self._settings()
        if self._tree.common_dir is not None:
            files.append(self._tree.common_dir / "info" / "exclude")
        files.append(self._users_file or Path.home() / ".config" / "git" / "ignore")
        return tuple(map(file_stamp, files))


def _users_file(environment: Mapping[str, str]) -> Path | None:
    """Return the user's own ignore file, as configured in the child's environment."""
    for name, value in environment.items():
        if name.startswith("GIT_CONFIG_KEY_") and value == "core.excludesFile":
            return Path(environment[name.replace("_KEY_", "_VALUE_")])
    return None
