"""Detect git operations in one work tree by polling; no hook is installed and git never waits.

One poll costs a few `stat` calls. Only when a stamp differs are reflogs and refs read, and only
then is git run for details, through the one safe `Git` (docs/git.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_facts import Commit, read_commits, work_tree_facts
from signoff_collector.capture.git.git_operations import (
    GitOperation,
    entries_after,
    new_stashes,
    operations,
)
from signoff_collector.capture.git.git_refs import (
    RefsReading,
    Stamp,
    read_refs,
    reflogs,
    stamp,
    stamps,
    watched_places,
)
from signoff_collector.capture.git.git_repository import Repository, find_repository
from signoff_schemas.errors import SignoffError

SETTLING_LOOKS: Final = 4
"""Polls without a change after which a rebase in progress, or a stash, is reported anyway."""
MAX_OPERATIONS: Final = 200
"""Most operations of one poll; older ones of a longer batch are left out."""
WITHOUT_FILES: Final = frozenset({"tag", "branch"})
"""Operations that do not change the work tree."""
_WRITE_LAST: Final = frozenset({"stash", "rebase", "pull"})
"""Operations that may write files after their refs: a stash of some paths, `--autostash`."""
_MAKE_COMMITS: Final = frozenset({"commit", "amend", "merge", "revert", "cherry-pick"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The result of one poll."""

    operations: tuple[GitOperation, ...] = ()
    reading: RefsReading | None = None
    """The refs now; None when they could not be read or nothing changed."""
    moved_wall_ns: int = 0
    """When the last ref or reflog was written, by its modification time; 0 when unknown."""

    @property
    def ends_with_refs(self) -> bool:
        """Whether git wrote no file after the last of its refs."""
        return not any(found.operation in _WRITE_LAST for found in self.operations)

    @property
    def may_have_changed_files(self) -> bool:
        """Whether the work tree may differ from before."""
        return any(found.operation not in WITHOUT_FILES for found in self.operations)


class GitWatcher:
    """Compares a repository with its state at the previous poll."""

    def __init__(self, root: Path) -> None:
        """Take the present state as the baseline; a repository may be created later."""
        self._root = root
        self._repository: Repository | None = None
        self._places: tuple[str, ...] = ()
        self._stamps: tuple[Stamp | None, ...] = ()
        self._compared: tuple[Stamp | None, ...] = ()
        """The stamps when operations were looked for last."""
        self._known: RefsReading | None = None
        self._unsettled = 0
        self._moved_wall_ns = 0
        self.trouble: str | None = None
        """Why the refs cannot be read at present, as shown to the person."""
        self._find()
        self.skip()

    @property
    def repository(self) -> Repository | None:
        """The watched repository, or None while there is none."""
        return self._repository

    @property
    def known(self) -> RefsReading | None:
        """The refs as of the previous poll."""
        return self._known

    @property
    def is_waiting(self) -> bool:
        """Whether a rebase or a stash has moved refs and is not reported yet."""
        return self._unsettled > 0

    @property
    def has_moved(self) -> bool:
        """Whether git wrote refs since the previous poll; any thread may ask."""
        places, known = self._places, self._stamps
        return self._repository is not None and stamps(places) != known

    def skip(self) -> None:
        """Take the present state as the new baseline, without reporting operations."""
        if self._repository is None:
            self._find()
        if self._repository is not None:
            self._remember_stamps(self._repository)
            self._known = self._read(self._repository)
            self._moved_wall_ns = 0

    def look(self) -> Seen:
        """Poll once: return what happened since the previous poll."""
        if self._repository is None:
            self._known = None
            found = self._find()
            return Seen() if found is None else self._compare(found)
        repository = self._repository
        current = stamps(self._places)
        if current == self._stamps:
            if not self._unsettled:
                return Seen()
            self._unsettled -= 1
        elif is_rebasing(repository) or self._is_half_stashed(repository, current):
            self._unsettled = SETTLING_LOOKS
        else:
            self._unsettled = 0
        self._note_moves(current)
        if self._unsettled:
            self._stamps = current
            return Seen()
        return self._compare(repository)

    def _is_half_stashed(self, repository: Repository, current: tuple[Stamp | None, ...]) -> bool:
        """Whether a stash was pushed and nothing stands in HEAD's reflog for it yet.

        Git writes that last, as a reset with which the files go. A stash of some paths has none.
        """
        before, after = (
            [
                dict(zip(self._places, known, strict=True)).get(str(log))
                for log in reflogs(repository)
            ]
            for known in (self._compared, current)
        )
        (head, stashes), (head_now, stashes_now) = before, after
        if stashes_now is None or head_now != head:
            return False
        return stashes is None or stashes_now[1] > stashes[1]

    def _note_moves(self, current: tuple[Stamp | None, ...]) -> None:
        """Update the latest modification time from the files that changed since the last poll."""
        if len(current) != len(self._stamps):
            return
        for old, new in zip(self._stamps, current, strict=True):
            if new is not None and new != old:
                self._moved_wall_ns = max(self._moved_wall_ns, new[2])

    def _compare(self, repository: Repository) -> Seen:
        self._remember_stamps(repository)
        reading = self._read(repository)
        if reading is None:
            if stamp(repository.git_dir) is None:
                self._repository = None
            return Seen()
        before, self._known = self._known, reading
        found = changes(before, reading)
        moved_ns, self._moved_wall_ns = self._moved_wall_ns, 0
        return Seen(operations=found[-MAX_OPERATIONS:], reading=reading, moved_wall_ns=moved_ns)

    def _find(self) -> Repository | None:
        found = find_repository(self._root)
        self._repository = found if found is not None and not found.is_bare else None
        return self._repository

    def _remember_stamps(self, repository: Repository) -> None:
        """Take the stamps before reading, so that a change in between is found at the next poll."""
        self._places = watched_places(repository)
        self._stamps = self._compared = stamps(self._places)

    def _read(self, repository: Repository) -> RefsReading | None:
        try:
            reading = read_refs(repository)
        except SignoffError as error:
            self.trouble = str(error)
            return None
        self.trouble = None
        return reading


def is_rebasing(repository: Repository) -> bool:
    """Whether a rebase is in progress."""
    return any(
        stamp(repository.git_dir / name) is not None for name in ("rebase-merge", "rebase-apply")
    )


def changes(before: RefsReading | None, after: RefsReading) -> tuple[GitOperation, ...]:
    """Return the operations between two readings; the whole reflog when there is no first one."""
    reflog_before = before.reflog if before is not None else ()
    stashes_before = before.stashes if before is not None else ()
    found = list(
        operations(
            entries_after(reflog_before, after.reflog),
            stashed=new_stashes(stashes_before, after.stashes),
        )
    )
    if before is None:
        return _with_branches(found, None, after)
    if not found and before.head != after.head:
        found.append(_unlogged(before, after))
    if len(after.stashes) < len(before.stashes):
        found.append(_stash_dropped(before, after))
    with_branches = _with_branches(found, before, after)
    return (*with_branches, *_ref_changes(before, after, with_branches))


def _unlogged(before: RefsReading, after: RefsReading) -> GitOperation:
    """Return the operation for a HEAD moved without a reflog; `step_fields` classifies it."""
    moved_branch = before.head.branch != after.head.branch
    return GitOperation(
        operation="checkout" if moved_branch else "other",
        head_before=before.head.commit,
        head_after=after.head.commit,
        t_wall_s=None,
    )


def _stash_dropped(before: RefsReading, after: RefsReading) -> GitOperation:
    left = {entry.new for entry in after.stashes}
    gone = [entry for entry in before.stashes if entry.new not in left]
    return GitOperation(
        operation="stash",
        head_before=after.head.commit,
        head_after=after.head.commit,
        t_wall_s=None,
        message=f"drop: {gone[-1].message}" if gone else "drop",
    )


def _with_branches(
    found: list[GitOperation], before: RefsReading | None, after: RefsReading
) -> tuple[GitOperation, ...]:
    """Set for each operation the branch that was checked out after it."""
    current = None if before is None else short(before.head.branch)
    named: list[GitOperation] = []
    for index, operation in enumerate(found):
        if index == len(found) - 1:
            current = short(after.head.branch)
        elif operation.branch is not None:
            is_branch = f"refs/heads/{operation.branch}" in after.refs
            current = operation.branch if is_branch else None
        named.append(
            replace(
                operation,
                branch=current,
                head_before=operation.head_before
                or (before.head.commit if before and operation.operation == "stash" else None),
                head_after=operation.head_after or after.head.commit,
            )
        )
    return tuple(named)


def _ref_changes(
    before: RefsReading, after: RefsReading, explained_by: tuple[GitOperation, ...]
) -> list[GitOperation]:
    """Return tags and branches that were created, deleted or moved other than by moving HEAD."""
    explained = {before.head.branch, after.head.branch} if explained_by else {after.head.branch}
    explained |= {f"refs/heads/{found.branch}" for found in explained_by if found.branch}
    found: list[GitOperation] = []
    for name in sorted(before.refs.keys() | after.refs.keys()):
        old, new = before.refs.get(name), after.refs.get(name)
        if old == new or name in explained:
            continue
        what = "created" if old is None else "deleted" if new is None else "moved"
        found.append(
            GitOperation(
                operation="tag" if name.startswith("refs/tags/") else "branch",
                head_before=after.head.commit,
                head_after=after.head.commit,
                t_wall_s=None,
                branch=short(after.head.branch),
                message=f"{what}: {short(name)}",
            )
        )
    return found


def short(ref: str | None) -> str | None:
    """Strip `refs/heads/` or `refs/tags/` from a ref name."""
    return None if ref is None else ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def step_fields(git: Git, seen: Seen) -> list[dict[str, object]]:
    """Return the fields of one STEP body per operation; git runs once for all of them.

    Facts about index and work tree describe the present, so only the last operation gets them.
    """
    wanted = [
        head
        for found in seen.operations
        for head in (found.head_after, found.head_before if found.t_wall_s is None else None)
        if head is not None
    ]
    commits = read_commits(git, wanted)
    bodies = [_fields(found, commits) for found in seen.operations]
    if bodies and seen.reading is not None:
        bodies[-1].update(work_tree_facts(git, seen.reading.head.commit))
    return bodies


def _fields(operation: GitOperation, commits: dict[str, Commit]) -> dict[str, object]:
    made = commits.get(operation.head_after or "")
    name = operation.operation
    if name == "other" and operation.t_wall_s is None:
        name = _inferred(operation.head_before, made, commits)
    is_new_commit = made is not None and name in _MAKE_COMMITS
    return {
        "kind": "git",
        "operation": name,
        "head_before": operation.head_before,
        "head_after": operation.head_after,
        "branch": operation.branch,
        "parents": list(made.parents) if made is not None else [],
        "message": made.message if made is not None and is_new_commit else operation.message,
        "reflog_wall_s": operation.t_wall_s,
    }


def _inferred(before: str | None, made: Commit | None, commits: dict[str, Commit]) -> str:
    """Infer the kind of commit that moved HEAD from one to the other, where no reflog says it."""
    replaced = commits.get(before or "")
    if made is None:
        return "other"
    if before in made.parents or (before is None and not made.parents):
        return "merge" if len(made.parents) > 1 else "commit"
    if replaced is not None and replaced.parents == made.parents:
        return "amend"
    return "other"
