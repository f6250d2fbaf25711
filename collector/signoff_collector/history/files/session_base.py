"""Read files of the commit that a session began at, from the repository."""

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
    """The initial state of a session."""

    commit: str | None
    is_complete: bool
    """Whether the whole tree was recorded: a path that is not named did not exist."""
    overlay_seq: int
    """The step that lists the differences from the commit; its files existed before."""


class BaseAtPaths:
    """The base commit of a session, restricted to some paths."""

    def __init__(self, git: Git, prefix: str, commit: str, paths: Collection[str]) -> None:
        self._git = git
        self._prefix = prefix
        self._commit = commit
        self._paths = paths

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield path, mode and content of each path that the commit has."""
        from signoff_collector.capture.git.git_contents import FILE_MODES, list_tree, read_objects

        wanted = [self._prefix + path for path in sorted(self._paths)]
        entries = [one for one in list_tree(self._git, self._commit, wanted)
                   if one.mode in FILE_MODES]  # fmt: skip
        contents = read_objects(self._git, [one.object_id for one in entries])
        for entry, (_, content) in zip(entries, contents, strict=True):
            yield entry.path.removeprefix(self._prefix), entry.mode, content

    def find(self, paths: Collection[str], wanted: Collection[str]) -> dict[str, bytes]:
        """Find contents by SHA-256 among all versions of some paths in the repository."""
        from signoff_collector.capture.git.git_contents import find_contents

        return dict(find_contents(self._git, self._prefix, paths, wanted))


def start_of(session: LocalSession) -> Start:
    """Return the initial state of a session.

    Raises:
        SignoffError: its episode cannot be read.
    """
    overlay = next(
        (s.seq for s in session.episode.steps if isinstance(s, FilesStep) and s.is_base), -1
    )
    if session.view is View.MASKED:
        return Start(commit=None, is_complete=False, overlay_seq=overlay)
    from signoff_collector.capture.journal.journal_frames import RecordKind
    from signoff_collector.capture.journal.writers import read_writers
    from signoff_collector.seal.gathering.tree_facts import TreeFacts

    facts = TreeFacts()
    for writer in read_writers(session.session.folder)[0]:
        for _, kind, fields in writer.only({RecordKind.TREE}):
            if isinstance(fields, dict):
                facts.take(kind, fields)
    return Start(commit=facts.head, is_complete=facts.is_complete, overlay_seq=overlay)


def base_at(root: Path, commit: str | None, paths: Collection[str]) -> BaseAtPaths | None:
    """Return the commit restricted to some paths; None if it cannot be read."""
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
    """Initial contents of files for which only the commit has them."""

    def __init__(self, session: LocalSession) -> None:
        """Take a session; its records and git are read lazily."""
        self._session = session
        self._known: dict[str, tuple[str, bytes] | None] = {}

    @cached_property
    def _start(self) -> Start | None:
        """The initial state; None if the initial tree was not recorded completely."""
        try:
            start = start_of(self._session)
        except (SignoffError, OSError):
            return None
        return start if start.is_complete and start.commit is not None else None

    def at(self, moments: Moments, path: str, seq: int) -> tuple[str, bytes] | None:
        """Return mode and content of an unchanged file after a step, from the commit.

        None if no step names the file, or if it was deleted or changed to an unrecorded content.
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
