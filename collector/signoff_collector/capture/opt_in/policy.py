"""The recording policy: decides what of a workspace may be recorded, before anything is written.

The checks are independent and any of them suffices to exclude a path: outside the workspace, a
nested repository, the never-record list, build products, `.signoffignore`, what git ignores, NUL
bytes, size. What cannot be decided in time is not recorded.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final, Protocol

from signoff_collector.capture.opt_in.build_products import is_build_product
from signoff_collector.capture.opt_in.ignoring import FILE_NAME, IgnoreFile, read_ignore_file
from signoff_collector.capture.opt_in.never_record import (
    has_never_folder,
    is_never_named,
    is_never_recorded,
)
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.system.files.spelling import folds, true_path
from signoff_collector.workspaces.work_trees import file_stamp, steps_up, work_tree_of
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.capture.opt_in.git_ignoring import GitIgnoring

MAX_OPEN_BYTES: Final = 8 << 20
"""Largest text of an open document, as UTF-8."""

MAX_UNOPENED_BYTES: Final = 1 << 20
"""Largest file that is read from disk although no editor has it open."""


_GIT: Final = ".git"
_NO_NAMES: Final = frozenset({"", ".", ".."})
"""Path components that only the file system can resolve."""


class Rooted(Protocol):
    """What a policy needs to know of a workspace."""

    @property
    def root(self) -> Path:
        """Real path of the folder, or of the one file."""
        ...

    @property
    def is_file(self) -> bool:
        """Whether the workspace is a single file."""
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
    """Whether one path or text may be recorded, and the reason."""

    recorded: bool
    reason: Reason


RECORDED: Final = Verdict(recorded=True, reason=Reason.RECORDED)


def _no(reason: Reason) -> Verdict:
    return Verdict(recorded=False, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FolderSays:
    """The cached rules of a folder inside the workspace, for everything in it."""

    real: str
    is_git: bool
    is_never: bool
    is_product: bool
    is_folding: bool
    """Whether the folder takes other spellings of a name for the same."""
    last_names: frozenset[str]
    """The folder's name as it was asked about, and that of the real folder."""
    objections: tuple[tuple[tuple[str, ...], IgnoreFile | None], ...]
    """Ignore files on the way down (None: a repository), with the components from there to here."""

    def refusal(self, name: str) -> Reason | None:
        """Return the first reason to exclude a file of the folder that is not a link."""
        if self.is_git or name.casefold() == _GIT:
            return Reason.GIT_INTERNAL
        if self.is_never or any(is_never_named(last, name) for last in self.last_names):
            return Reason.NEVER
        if self.is_product or is_build_product((name,)):
            return Reason.BUILD_PRODUCT
        for parts, ignore_file in self.objections:
            if ignore_file is None:
                return Reason.NESTED
            if ignore_file.hides((*parts, name), is_folding=self.is_folding):
                return Reason.SIGNOFFIGNORE
        return None


class Policy:
    """The recording policy of one workspace.

    What git ignores is cached per path until an ignore file on the way to it changes; the other
    checks cost some `stat` calls each time.
    """

    def __init__(self, workspace: Rooted, git_ignoring: GitIgnoring | None) -> None:
        self._root = workspace.root
        self._is_file = workspace.is_file
        self._git = git_ignoring
        self._ignore_files: dict[Path, tuple[object, IgnoreFile]] = {}
        tree = work_tree_of(workspace.root)
        self._top = workspace.root if tree is None else tree.root
        """Topmost folder whose ignore files apply: that of the whole repository."""

    @classmethod
    def for_workspace(cls, workspace: Rooted) -> Policy:
        """Create the policy of a workspace; nothing is run before the first verdict."""
        tree = work_tree_of(workspace.root)
        if tree is None:
            return cls(workspace, None)
        from signoff_collector.capture.opt_in.git_ignoring import GitIgnoring

        return cls(workspace, GitIgnoring(tree))

    def verdict(self, path: Path) -> Verdict:
        """Decide by location and name alone; the file need not exist and is never opened."""
        return self.verdicts((path,))[path]

    def verdicts(self, paths: Iterable[Path]) -> dict[Path, Verdict]:
        """Decide many paths with at most one child process for all of them."""
        written = {path: str(path) for path in paths}
        answers = self.verdicts_of(written.values())
        return {path: answers[text] for path, text in written.items()}

    def verdicts_of(self, paths: Iterable[str]) -> dict[str, Verdict]:
        """Decide many paths given as `str` of a `Path`: creating `Path` objects dominates the cost.

        The rules of each folder are cached for the duration of the call.
        """
        answers: dict[str, Verdict] = {}
        open_questions: dict[str, str] = {}
        folders: dict[str, _FolderSays | None] = {}
        objections: dict[Path, list[tuple[Path, IgnoreFile | None]]] = {}
        for path in paths:
            folder, name = os.path.split(path)
            if folder not in folders:
                folders[folder] = self._folder_says(folder)
            says = folders[folder]
            if says is None or name in _NO_NAMES or _is_link(path):
                refusal, real = self._look_up(path, objections)
            else:
                refusal, real = says.refusal(name), f"{says.real}/{name}"
            if refusal is not None:
                answers[path] = _no(refusal)
            else:
                open_questions[path] = real
        ignored = {} if self._git is None else self._git.ignored(open_questions.values())
        for path, real in open_questions.items():
            answers[path] = _from_git(ignored.get(real) if self._git is not None else False)
        return answers

    def text_verdict(self, path: Path, text: str) -> Verdict:
        """Decide for a document open in an editor: location, name, NUL bytes, 8 MiB."""
        if is_too_large(text):
            return _no(Reason.TOO_LARGE)
        return _no(Reason.BINARY) if "\0" in text else self.verdict(path)

    def disk_verdict(self, path: Path) -> Verdict:
        """Decide for a file that is not open: location, name, regular file, 1 MiB, NUL bytes.

        The file is opened only if its location and name allow it.
        """
        verdict = self.verdict(path)
        if not verdict.recorded:
            return verdict
        real = true_path(path)
        try:
            if real.lstat().st_size > MAX_UNOPENED_BYTES:
                return _no(Reason.TOO_LARGE)
            content = read_regular(real, max_bytes=MAX_UNOPENED_BYTES)
        except (OSError, NotFoundError, DamagedError):
            return _no(Reason.UNREADABLE)
        return _no(Reason.BINARY) if b"\0" in content else RECORDED

    def stamp(self, folder: Path) -> tuple[object, ...]:
        """Return a stamp that changes when verdicts in this folder may; some `stat` calls."""
        real = true_path(folder)
        top, root = str(self._top), str(self._root)
        ours = tuple(
            (file_stamp(f"{step}/{FILE_NAME}"), step != root and os.path.lexists(f"{step}/.git"))
            for step in steps_up(str(real), top)
        )
        return (real, ours, None if self._git is None else self._git.stamp(real))

    def refused_lines(self) -> tuple[str, ...]:
        """Return the ignored lines of the workspace's own `.signoffignore`."""
        folder = self._root.parent if self._is_file else self._root
        return self._ignore_file(folder).refused

    def _folder_says(self, folder: str) -> _FolderSays | None:
        """Return the rules for plain names in a folder; None where each path has to be resolved."""
        try:
            real = true_path(folder)
        except (OSError, ValueError):
            return None
        if self._is_file or not real.is_relative_to(self._root):
            return None
        both = (PurePath(folder), real)
        return _FolderSays(
            real=str(real),
            is_git=any(_is_in_git(one) for one in both),
            is_never=any(has_never_folder(one.parts) for one in both),
            is_product=is_build_product((*real.relative_to(self._root).parts, "")),
            is_folding=folds(real),
            last_names=frozenset(one.name for one in both),
            objections=tuple(
                (real.relative_to(holder).parts, ignore_file)
                for holder, ignore_file in self._objections(real / "file")
            ),
        )

    def _look_up(
        self, path: str, known: dict[Path, list[tuple[Path, IgnoreFile | None]]]
    ) -> tuple[Reason | None, str]:
        """Return the first reason to exclude a path, apart from git's, and its real path."""
        try:
            real = true_path(path)
        except (OSError, ValueError):
            return Reason.UNREADABLE, ""
        return self._refusal(Path(path), real, known), str(real)

    def _refusal(
        self, path: Path, real: Path, known: dict[Path, list[tuple[Path, IgnoreFile | None]]]
    ) -> Reason | None:
        """Return the first reason to exclude a path, apart from git's.

        `known` caches the rules of folders for the duration of one call.
        """
        by_name = self._refusal_by_name(path, real)
        if by_name is not None:
            return by_name
        if real.parent not in known:
            known[real.parent] = list(self._objections(real))
        is_folding = folds(real.parent) if known[real.parent] else False
        for folder, ignore_file in known[real.parent]:
            if ignore_file is None:
                return Reason.NESTED
            if ignore_file.hides(real.relative_to(folder).parts, is_folding=is_folding):
                return Reason.SIGNOFFIGNORE
        return None

    def _refusal_by_name(self, path: Path, real: Path) -> Reason | None:
        is_inside = real == self._root if self._is_file else real.is_relative_to(self._root)
        if not is_inside:
            return Reason.OUTSIDE
        if _is_in_git(path) or _is_in_git(real):
            return Reason.GIT_INTERNAL
        if is_never_recorded(path) or (real != path and is_never_recorded(real)):
            return Reason.NEVER
        inside = () if self._is_file else real.relative_to(self._root).parts
        if is_build_product(inside):
            return Reason.BUILD_PRODUCT
        return None

    def _objections(self, real: Path) -> Iterator[tuple[Path, IgnoreFile | None]]:
        """Yield the folders on the way down that are repositories (None) or have ignore files."""
        for folder in self._folders_to(real):
            is_below_root = folder != self._root and folder.is_relative_to(self._root)
            if is_below_root and os.path.lexists(folder / ".git"):
                yield folder, None
            ignore_file = self._ignore_file(folder)
            if ignore_file.patterns or ignore_file.hides_all:
                yield folder, ignore_file

    def _folders_to(self, real: Path) -> Iterator[Path]:
        """Yield the folders from the top of the repository down to the path's own folder."""
        return (folder for folder in reversed(real.parents) if folder.is_relative_to(self._top))

    def _ignore_file(self, folder: Path) -> IgnoreFile:
        stamp = file_stamp(folder / FILE_NAME)
        known = self._ignore_files.get(folder)
        if known is None or known[0] != stamp:
            known = (stamp, read_ignore_file(folder))
            self._ignore_files[folder] = known
        return known[1]


def _is_in_git(path: PurePath) -> bool:
    return any(part.casefold() == _GIT for part in path.parts)


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False
    except ValueError:  # not a valid name on this system: resolved, and refused
        return True


def _from_git(is_ignored: bool | None) -> Verdict:
    if is_ignored is None:
        return _no(Reason.UNDECIDED)
    return _no(Reason.GIT_IGNORED) if is_ignored else RECORDED


def is_too_large(text: str) -> bool:
    """Return whether a text is longer, in UTF-8, than what is recorded of an open document."""
    if len(text) * 4 <= MAX_OPEN_BYTES:
        return False
    return len(text) > MAX_OPEN_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_OPEN_BYTES
