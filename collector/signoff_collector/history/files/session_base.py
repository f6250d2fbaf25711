"""The commit that a session began at: what its files held before anybody touched them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from signoff_collector.history.local_sessions import View
from signoff_collector.kept.replaced_files import digest
from signoff_schemas.errors import SignoffError
from signoff_schemas.steps import FilesStep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from signoff_collector.capture.git.git import Git
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.history.local_sessions import LocalSession

_LINK: Final = "120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a session began."""

    commit: str | None
    is_complete: bool
    """Whether the tree was told whole: what is not named was not there."""
    overlay_seq: int
    """The step that says how the tree differed from its commit; what it names was there before."""


class BaseAtPaths:
    """The commit a session began at, at some paths alone."""

    def __init__(self, git: Git, prefix: str, commit: str, paths: Collection[str]) -> None:
        self._git = git
        self._prefix = prefix
        self._commit = commit
        self._paths = paths

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield path, mode and content of each of the paths that the commit has."""
        from signoff_collector.capture.git.git_contents import FILE_MODES, list_tree, read_objects

        wanted = [self._prefix + path for path in sorted(self._paths)]
        entries = [one for one in list_tree(self._git, self._commit, wanted)
                   if one.mode in FILE_MODES]  # fmt: skip
        contents = read_objects(self._git, [one.object_id for one in entries])
        for entry, (_, content) in zip(entries, contents, strict=True):
            yield entry.path.removeprefix(self._prefix), entry.mode, content

    def find(self, paths: Collection[str], wanted: Collection[str]) -> dict[str, bytes]:
        """Return those contents, by SHA-256, that the repository ever had at some paths."""
        from signoff_collector.capture.git.git_contents import find_contents

        return dict(find_contents(self._git, self._prefix, paths, wanted))


def start_of(session: LocalSession) -> Start:
    """Return how a session began.

    Raises:
        SignoffError: its episode cannot be read.
    """
    overlay = next(
        (s.seq for s in session.episode.steps if isinstance(s, FilesStep) and s.is_base), -1
    )
    if session.view is View.MASKED:
        return Start(commit=None, is_complete=False, overlay_seq=overlay)
    from signoff_collector.capture.journal.journal_frames import RecordKind
    from signoff_collector.capture.journal.records import read_writers
    from signoff_collector.seal.gathering.tree_facts import TreeFacts

    facts = TreeFacts()
    for writer in read_writers(session.session.folder)[0]:
        for _, kind, fields in writer.only({RecordKind.TREE}):
            if isinstance(fields, dict):
                facts.take(kind, fields)
    return Start(commit=facts.head, is_complete=facts.is_complete, overlay_seq=overlay)


def base_at(root: Path, commit: str | None, paths: Collection[str]) -> BaseAtPaths | None:
    """Return the commit at some paths, None where there is none that can be read."""
    from signoff_collector.capture.git.git import Git
    from signoff_collector.capture.git.git_contents import folder_prefix

    git = Git(root)
    if commit is None or git.repository is None:
        return None
    base = BaseAtPaths(git, folder_prefix(git, root), commit, paths)
    try:
        for _ in base.files():
            break
    except SignoffError:
        return None
    return base


class BaseTexts:
    """What files held at the session's start, where nothing but the commit knows it."""

    def __init__(self, session: LocalSession) -> None:
        """Take a session; its records and git are read only once they are needed."""
        self._session = session
        self._known: dict[str, tuple[str, bytes] | None] = {}

    @cached_property
    def _start(self) -> Start | None:
        """How the session began, None where the tree it began with was not recorded whole."""
        try:
            start = start_of(self._session)
        except (SignoffError, OSError):
            return None
        return start if start.is_complete and start.commit is not None else None

    def at(self, moments: Moments, path: str, seq: int) -> tuple[str, bytes] | None:
        """Return mode and content of a file after a step that the steps themselves do not hold.

        None where no step ever tells of the file, where it was gone, or where it was changed to
        what nobody kept.
        """
        is_told = moments.disk_place(path, moments.episode.step_count - 1) >= 0
        if not is_told or self._start is None:
            return None
        seq = max(seq, self._start.overlay_seq)
        absent = moments.absent(path, seq)
        if absent is None:
            return None if moments.disk_place(path, seq) >= 0 else self._read(path)
        if absent.base_path is not None:
            return self._read(absent.base_path)
        found = self._read(path)
        return found if found is not None and digest(found[1]) == absent.sha256 else None

    def _read(self, path: str) -> tuple[str, bytes] | None:
        if path not in self._known:
            commit = None if self._start is None else self._start.commit
            base = base_at(self._session.root, commit, [path])
            files = () if base is None else base.files()
            held = ((mode, data) for name, mode, data in files if name == path and mode != _LINK)
            self._known[path] = next(held, None)
        return self._known[path]
