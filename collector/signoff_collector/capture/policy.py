"""What of a workspace may be written down at all, decided before anything is.

The verdicts are separate and any of them is enough to say no: outside the workspace, a repository
of its own, the never-record list, build products, `.signoffignore`, what git ignores, NUL bytes,
size. What cannot be decided in time is not recorded.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.capture.build_products import is_build_product
from signoff_collector.capture.ignoring import FILE_NAME, IgnoreFile, read_ignore_file
from signoff_collector.capture.never_record import is_never_recorded
from signoff_collector.capture.work_trees import file_stamp, work_tree_of
from signoff_collector.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.capture.git_ignoring import GitIgnoring

MAX_OPEN_BYTES: Final = 8 << 20
"""Largest text of an open document, as UTF-8."""

MAX_UNOPENED_BYTES: Final = 1 << 20
"""Largest file that is read from disk although no editor has it open."""


class Rooted(Protocol):
    """What a policy must know of a workspace."""

    @property
    def root(self) -> Path:
        """Real path of the folder, or of the one file."""
        ...

    @property
    def is_file(self) -> bool:
        """Whether one file alone is the workspace."""
        ...


class Reason(StrEnum):
    """Why a path is recorded or not."""

    RECORDED = "recorded"
    OUTSIDE = "outside"
    NESTED = "nested_repository"
    GIT_INTERNAL = "git_internal"
    NEVER = "never_record"
    BUILD_PRODUCT = "build_product"
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


def _no(reason: Reason) -> Verdict:
    return Verdict(recorded=False, reason=reason)


class Policy:
    """The verdicts for one workspace.

    What git ignores is remembered per path until an ignore file on the way to it changes; the rest
    costs some `stat` calls each time.
    """

    def __init__(self, workspace: Rooted, git_ignoring: GitIgnoring | None) -> None:
        self._root = workspace.root
        self._is_file = workspace.is_file
        self._git = git_ignoring
        self._ignore_files: dict[Path, tuple[object, IgnoreFile]] = {}
        tree = work_tree_of(workspace.root)
        self._top = workspace.root if tree is None else tree.root
        """Where ignore files begin to count: a subfolder obeys those of its whole repository."""

    @classmethod
    def for_workspace(cls, workspace: Rooted) -> Policy:
        """Make the policy of a workspace; nothing is run before the first verdict."""
        tree = work_tree_of(workspace.root)
        if tree is None:
            return cls(workspace, None)
        from signoff_collector.capture.git_ignoring import GitIgnoring

        return cls(workspace, GitIgnoring(tree))

    def verdict(self, path: Path) -> Verdict:
        """Decide by place and name alone; the file need not exist and is never opened."""
        return self.verdicts((path,))[path]

    def verdicts(self, paths: Iterable[Path]) -> dict[Path, Verdict]:
        """Decide many paths with at most one child process for all of them."""
        answers: dict[Path, Verdict] = {}
        open_questions: dict[Path, Path] = {}
        parents: dict[Path, Path] = {}
        folders: dict[Path, list[tuple[Path, IgnoreFile | None]]] = {}
        for path in paths:
            real = _real(path, parents)
            refusal = Reason.UNREADABLE if real is None else self._refusal(path, real, folders)
            if refusal is not None:
                answers[path] = _no(refusal)
            elif real is not None:
                open_questions[path] = real
        ignored = {} if self._git is None else self._git.ignored(open_questions.values())
        for path, real in open_questions.items():
            answers[path] = _from_git(ignored.get(real) if self._git is not None else False)
        return answers

    def text_verdict(self, path: Path, text: str) -> Verdict:
        """Decide for a document open in an editor: place, name, NUL bytes, 8 MiB."""
        if len(text) > MAX_OPEN_BYTES or (
            len(text) * 4 > MAX_OPEN_BYTES
            and len(text.encode("utf-8", "surrogatepass")) > MAX_OPEN_BYTES
        ):
            return _no(Reason.TOO_LARGE)
        return _no(Reason.BINARY) if "\0" in text else self.verdict(path)

    def disk_verdict(self, path: Path) -> Verdict:
        """Decide for a file nobody has open: place, name, regular, 1 MiB, NUL bytes.

        The file is opened only when its place and name allow it.
        """
        verdict = self.verdict(path)
        if not verdict.recorded:
            return verdict
        real = Path(os.path.realpath(path))
        try:
            if real.lstat().st_size > MAX_UNOPENED_BYTES:
                return _no(Reason.TOO_LARGE)
            content = read_regular(real, max_bytes=MAX_UNOPENED_BYTES)
        except (OSError, NotFoundError, DamagedError):
            return _no(Reason.UNREADABLE)
        return _no(Reason.BINARY) if b"\0" in content else RECORDED

    def stamp(self, folder: Path) -> tuple[object, ...]:
        """Give what changes when the verdict on a file in this folder may: some `stat` calls."""
        real = Path(os.path.realpath(folder))
        on_the_way = [step for step in (real, *real.parents) if step.is_relative_to(self._top)]
        ours = tuple(
            (file_stamp(step / FILE_NAME), step != self._root and os.path.lexists(step / ".git"))
            for step in on_the_way
        )
        return (real, ours, None if self._git is None else self._git.stamp(real))

    def refused_lines(self) -> tuple[str, ...]:
        """Give the lines of the workspace's own `.signoffignore` that do not count."""
        folder = self._root.parent if self._is_file else self._root
        return self._ignore_file(folder).refused

    def _refusal(
        self, path: Path, real: Path, known: dict[Path, list[tuple[Path, IgnoreFile | None]]]
    ) -> Reason | None:
        """Give the first reason against a path that needs no git.

        `known` remembers what folders say for as long as one question lasts.
        """
        by_name = self._refusal_by_name(path, real)
        if by_name is not None:
            return by_name
        if real.parent not in known:
            known[real.parent] = list(self._objections(real))
        for folder, ignore_file in known[real.parent]:
            if ignore_file is None:
                return Reason.NESTED
            if ignore_file.hides(real.relative_to(folder).parts):
                return Reason.SIGNOFFIGNORE
        return None

    def _refusal_by_name(self, path: Path, real: Path) -> Reason | None:
        is_inside = real == self._root if self._is_file else real.is_relative_to(self._root)
        if not is_inside:
            return Reason.OUTSIDE
        if any(part.casefold() == ".git" for part in (*path.parts, *real.parts)):
            return Reason.GIT_INTERNAL
        if is_never_recorded(path) or (real != path and is_never_recorded(real)):
            return Reason.NEVER
        inside = () if self._is_file else real.relative_to(self._root).parts
        if is_build_product(inside):
            return Reason.BUILD_PRODUCT
        return None

    def _objections(self, real: Path) -> Iterator[tuple[Path, IgnoreFile | None]]:
        """Give the folders on the way down that are repositories (None) or have ignore files."""
        for folder in self._folders_to(real):
            is_below_root = folder != self._root and folder.is_relative_to(self._root)
            if is_below_root and os.path.lexists(folder / ".git"):
                yield folder, None
            ignore_file = self._ignore_file(folder)
            if ignore_file.patterns or ignore_file.hides_all:
                yield folder, ignore_file

    def _folders_to(self, real: Path) -> Iterator[Path]:
        """Give the folders from the top of the repository down to the one that holds the path."""
        return (folder for folder in reversed(real.parents) if folder.is_relative_to(self._top))

    def _ignore_file(self, folder: Path) -> IgnoreFile:
        stamp = file_stamp(folder / FILE_NAME)
        known = self._ignore_files.get(folder)
        if known is None or known[0] != stamp:
            known = (stamp, read_ignore_file(folder))
            self._ignore_files[folder] = known
        return known[1]


def _real(path: Path, parents: dict[Path, Path]) -> Path | None:
    """Give the real path; a folder is looked up once, and only links are followed further."""
    folder = path.parent
    try:
        if folder not in parents:
            parents[folder] = Path(os.path.realpath(folder))
        if path.name in {"", ".."} or _is_link(path):
            return Path(os.path.realpath(path))
        return parents[folder] / path.name
    except (OSError, ValueError):
        return None


def _is_link(path: Path) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False


def _from_git(is_ignored: bool | None) -> Verdict:
    if is_ignored is None:
        return _no(Reason.UNDECIDED)
    return _no(Reason.GIT_IGNORED) if is_ignored else RECORDED
