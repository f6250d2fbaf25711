"""Walks the steps of an episode and says by which changes the files on disk came about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.trees.whole_tree import whole_tree
from signoff_datasets.actions.action import DEFAULT_MODE, Change, FileState
from signoff_datasets.actions.changes import carry_out, changes_between
from signoff_datasets.actions.editing import Write
from signoff_schemas.steps import FilesStep, OpenStep, RenameStep, SaveStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.trees.whole_tree import Base
    from signoff_schemas.steps import AnyStep

NOT_HERE: Final = "not here"
"""State of a file that exists with a content that neither episode nor repository holds."""
State = FileState | None | Literal["not here"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one step did to the disk."""

    changes: tuple[Change, ...] = ()
    write: Write | None = None
    """Of a buffer; its changes are left to `Editing`."""
    unknown: tuple[str, ...] = ()
    """Paths of files that changed to a content which is not here."""


class DiskWalk:
    """Follows the files on disk; every step has to be told in order, what it did be carried out.

    What is seen first of a file that nothing has changed yet, where it was opened or where the work
    tree was compared with its commit, is how the file was at the start.
    """

    def __init__(self, moments: Moments, base: Base | None) -> None:
        """Find the files at the start.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        self._moments = moments
        self.start = {
            path: FileState(content=file.content, mode=file.mode)
            for path, file in whole_tree(moments, -1, base, is_disk=True).files.items()
        }
        self.files = dict(self.start)
        self._known = set[str]()
        """Paths that a step told of, or that were changed: no more first sight of them."""
        self._not_here = set[str]()
        """Paths whose recorded content is not known, while `files` has an older one."""
        self._changed = {
            seq: [path for _, path in found]
            for seq, found in groupby(moments.changes(), key=lambda one: one[0])
        }
        self._found = self._contents(base)

    def _contents(self, base: Base | None) -> dict[str, bytes]:
        """Return by SHA-256 the contents that the repository has and the episode has not."""
        wanted = dict[str, set[str]]()
        for seq, paths in self._changed.items() if base is not None else ():
            for path in paths:
                absent = self._moments.absent(path, seq)
                if absent is not None and absent.sha256 is not None:
                    wanted.setdefault(absent.sha256, set()).update({path, absent.path or path})
        if base is None or not wanted:
            return {}
        return base.find(
            {*set[str]().union(*wanted.values()), *self._moments.moved_from}, [*wanted]
        )

    def state(self, path: str, seq: int) -> State:
        """Return a file as it was recorded after a step.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        moments = self._moments
        mode = moments.mode(path, seq)
        content = moments.disk_bytes(path, seq)
        if content is not None:
            return FileState(content=content, mode=mode)
        absent = moments.absent(path, seq)
        if absent is None:
            return None
        found = None if absent.sha256 is None else self._found.get(absent.sha256)
        if found is not None:
            return FileState(content=found, mode=mode)
        now = self.files.get(path)
        is_kept = absent.base_path is not None or (
            now is not None and hashlib.sha256(now.content).hexdigest() == absent.sha256
        )
        return replace(now, mode=mode or now.mode) if now is not None and is_kept else NOT_HERE

    def tell(self, step: AnyStep) -> Told:
        """Return what a step did, and do it, but for the write of a buffer.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        paths = self._changed.get(step.seq)
        if paths is None:
            return Told()
        if isinstance(step, SaveStep) and step.path is not None:
            return self._written(step, step.path)
        changes = list[Change]()
        if isinstance(step, RenameStep) and step.path is not None:
            changes += self._renamed(step, step.path)
        is_first_sight = isinstance(step, OpenStep) or (
            isinstance(step, FilesStep) and step.is_base is True
        )
        unknown = list[str]()
        for path in paths:
            after = self.state(path, step.seq)
            if isinstance(after, str):
                self._not_here.add(path)
                unknown.append(path)
                continue
            is_new = path not in self._known
            self._known.add(path)
            if is_new and (is_first_sight or self._is_mode_alone(path, after)):
                self._note_start(path, after)
                continue
            changes += self._changes(path, after)
        return Told(changes=tuple(changes), unknown=tuple(unknown))

    def carry_out(self, changes: Sequence[Change]) -> None:
        """Do what was not done by `tell`: the write of a buffer.

        Raises:
            DamagedError: a change does not fit.
        """
        for change in changes:
            carry_out(self.files, change)
            self._known.add(change.path)

    def before(self, path: str) -> FileState | None:
        """Return a file as a tool would find it; None also where its content is not known."""
        return None if path in self._not_here else self.files.get(path)

    def _written(self, step: SaveStep, path: str) -> Told:
        after = self.state(path, step.seq)
        if not isinstance(after, FileState):
            return Told()
        before = self.before(path)
        self._not_here.discard(path)
        self._known.add(path)
        write = Write(seq=step.seq, path=path, before=before, after=after, form=step.form)
        return Told(write=write)

    def _renamed(self, step: RenameStep, path: str) -> list[Change]:
        """Return the rename where the file is known under its old name, and do it."""
        old = step.old_path
        if old == path or old not in self.files or self.state(old, step.seq) is not None:
            return []
        change = Change(name="rename", path=old, new=path)
        carry_out(self.files, change)
        self._known |= {old, path}
        if old in self._not_here:
            self._not_here.discard(old)
            self._not_here.add(path)
        else:
            self._not_here.discard(path)
        return [change]

    def _is_mode_alone(self, path: str, after: FileState | None) -> bool:
        """Say whether nothing but a mode was learnt of a file that nothing changed yet."""
        now = self.files.get(path)
        return (
            after is not None
            and now is not None
            and now.content == after.content
            and (now.mode is None or now.mode == after.mode)
        )

    def _note_start(self, path: str, state: FileState | None) -> None:
        for files in (self.start, self.files):
            if state is None:
                files.pop(path, None)
            else:
                known = files.get(path)
                files[path] = replace(state, mode=state.mode or (known.mode if known else None))

    def _changes(self, path: str, after: FileState | None) -> list[Change]:
        before = self.before(path)
        if after is None:
            found = [Change(name="delete", path=path)] if path in self.files else []
        else:
            found = list(changes_between(path, before, after))
        self._not_here.discard(path)
        self.carry_out(found)
        return found


def is_same(one: FileState | None, recorded: FileState | None) -> bool:
    """Say whether a file is as recorded; a mode that was not recorded may be any."""
    if one is None or recorded is None:
        return one is recorded
    has_mode = recorded.mode is None or (one.mode or DEFAULT_MODE) == recorded.mode
    return has_mode and one.content == recorded.content
