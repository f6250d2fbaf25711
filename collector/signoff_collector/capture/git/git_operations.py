"""Classify reflog entries into git operations: pure functions.

The messages are git's own (`commit (amend): …`, `rebase (finish): returning to …`). A program may
set others with GIT_REFLOG_ACTION, which are then classified as `other`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from signoff_collector.capture.git.git_repository import ReflogEntry

_MOVING: Final = re.compile(r"checkout: moving from (?P<old>\S+) to (?P<new>\S+)")
_RENAMED: Final = re.compile(r"Branch: renamed (?:refs/heads/)?(\S+) to (?:refs/heads/)?(\S+)")
_FINISHED: Final = re.compile(r"\((?:finish|abort)\)|\b(?:finished|aborting)\b")
_BY_FIRST_WORD: Final = {
    "commit": "commit",
    "checkout": "checkout",
    "switch": "checkout",
    "merge": "merge",
    "rebase": "rebase",
    "reset": "reset",
    "revert": "revert",
    "cherry-pick": "cherry-pick",
    "pull": "pull",
    "branch": "branch",
    "Branch": "branch",
}
_BY_COMMIT_KIND: Final = {
    "(amend)": "amend",
    "(merge)": "merge",
    "(cherry-pick)": "cherry-pick",
    "(revert)": "revert",
}
MOVING_MANY_COMMITS: Final = frozenset({"rebase", "pull"})
"""Operations that write several reflog entries and are merged into one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOperation:
    """One git operation of the person; it becomes one step."""

    operation: str
    """A member of `GitStep.operation`."""
    head_before: str | None
    """Object id, or None before the first commit."""
    head_after: str | None
    t_wall_s: int | None
    """The reflog's second; None when no reflog entry exists."""
    message: str | None = None
    branch: str | None = None
    """Branch that is checked out afterwards, as far as the reflog shows."""
    is_finished: bool = True
    """False for a rebase in progress."""


def entries_after(
    before: Sequence[ReflogEntry], after: Sequence[ReflogEntry]
) -> tuple[ReflogEntry, ...]:
    """Return the entries of `after` that are new since `before`.

    The last known entry is searched from the end, so an expiry that dropped old entries (`git gc`)
    or a dropped stash is not reported as new.
    """
    if not before:
        return tuple(after)
    # The usual case: entries were appended, none removed.
    if len(after) >= len(before) and after[len(before) - 1] == before[-1]:
        return tuple(after[len(before) :])
    for index in range(len(after) - 1, -1, -1):
        if after[index] == before[-1]:
            return tuple(after[index + 1 :])
    # The last known entry was removed as well: take what is unknown and not older.
    known, since = set(before), before[-1].t_wall_s
    return tuple(entry for entry in after if entry not in known and entry.t_wall_s >= since)


def new_stashes(
    before: Sequence[ReflogEntry], after: Sequence[ReflogEntry]
) -> tuple[ReflogEntry, ...]:
    """Return the stashes of `after` that are new since `before`.

    Dropping one rewrites the entries of the others, so only their new object ids are compared.
    """
    known = {entry.new for entry in before}
    since = before[-1].t_wall_s if before else 0
    return tuple(entry for entry in after if entry.new not in known and entry.t_wall_s >= since)


def late_operations(
    reflog_before: Sequence[ReflogEntry],
    reflog_after: Sequence[ReflogEntry],
    stash_before: Sequence[ReflogEntry] = (),
    stash_after: Sequence[ReflogEntry] = (),
) -> tuple[GitOperation, ...]:
    """Return the operations between two readings of HEAD's reflog (and of the stash's).

    For entries that no watcher saw: their steps get `t_kind` seen_late and the end of second
    `t_wall_s`. In the order of HEAD's reflog, oldest first, even if the wall clock was set back in
    between; a stash without an entry there is placed by its time.
    """
    stashed = new_stashes(stash_before, stash_after)
    found = list(operations(entries_after(reflog_before, reflog_after), stashed=stashed))
    apart = [one for one in found if one.operation == "stash" and one.head_after is None]
    placed = [one for one in found if one not in apart]
    for stash in apart:
        later = (place for place, one in enumerate(placed) if _second(one) > _second(stash))
        placed.insert(next(later, len(placed)), stash)
    return tuple(placed)


def _second(operation: GitOperation) -> int:
    return operation.t_wall_s or 0


def with_branches_before(
    found: Sequence[GitOperation], branch: str | None, refs: Container[str]
) -> tuple[GitOperation, ...]:
    """Set for each operation the branch that was checked out after it, from the end backwards.

    Args:
        found: operations, oldest first.
        branch: the one that is checked out after the last; None when HEAD is detached.
        refs: full names of existing branches; a checkout may also have left a tag or a commit.
    """
    named: list[GitOperation] = []
    for operation in reversed(found):
        named.append(replace(operation, branch=branch))
        moved = _MOVING.match(operation.message or "")
        if moved is not None:
            branch = moved["old"] if f"refs/heads/{moved['old']}" in refs else None
        elif (renamed := _RENAMED.match(operation.message or "")) is not None:
            branch = renamed[1]
    return tuple(reversed(named))


def operations(
    entries: Iterable[ReflogEntry], *, stashed: Sequence[ReflogEntry] = ()
) -> tuple[GitOperation, ...]:
    """Return the operations that these new entries of HEAD's reflog stand for.

    A rebase or pull is one operation however many entries it wrote. `git stash push` writes a
    `reset: moving to HEAD` that moves nothing: together with a new entry in the stash's reflog it
    is the stash, not a reset.
    """
    waiting = list(stashed)
    found: list[GitOperation] = []
    for entry in entries:
        operation = _operation(entry)
        if operation.operation == "reset" and entry.old == entry.new and waiting:
            found.append(_stash(waiting.pop(0), head=_id(entry.new)))
        elif found and _continues(found[-1], operation):
            found[-1] = replace(
                found[-1],
                head_after=operation.head_after,
                t_wall_s=operation.t_wall_s,
                branch=operation.branch or found[-1].branch,
                is_finished=operation.is_finished,
            )
        else:
            found.append(operation)
    found.extend(_stash(entry, head=None) for entry in waiting)
    return tuple(found)


def _stash(entry: ReflogEntry, *, head: str | None) -> GitOperation:
    return GitOperation(
        operation="stash",
        head_before=head,
        head_after=head,
        t_wall_s=entry.t_wall_s,
        message=entry.message,
    )


def _continues(previous: GitOperation, following: GitOperation) -> bool:
    if following.operation == "branch":  # renaming one writes two entries
        return previous.operation == "branch" and previous.message == following.message
    return (
        previous.operation == following.operation
        and previous.operation in MOVING_MANY_COMMITS
        and not previous.is_finished
    )


def _operation(entry: ReflogEntry) -> GitOperation:
    operation = classify(entry.message)
    return GitOperation(
        operation=operation,
        head_before=_id(entry.old),
        head_after=_id(entry.new),
        t_wall_s=entry.t_wall_s,
        message=entry.message,
        branch=_branch_after(entry.message),
        is_finished=not _is_stage(operation, entry.message),
    )


def classify(message: str) -> str:
    """Classify a message of HEAD's reflog; `other` when unknown."""
    words = message.partition(":")[0].split()
    if not words:
        return "other"
    operation = _BY_FIRST_WORD.get(words[0], "other")
    if operation == "commit" and len(words) > 1:
        return _BY_COMMIT_KIND.get(words[1], "commit")
    return operation


def _is_stage(operation: str, message: str) -> bool:
    """Whether more entries of the same operation follow."""
    if operation not in MOVING_MANY_COMMITS:
        return False
    head = message.partition(":")[0]
    if operation == "pull" and "(" not in head:
        return False
    return _FINISHED.search(head) is None


def _branch_after(message: str) -> str | None:
    if (moved := _MOVING.match(message)) is not None:
        return moved["new"]
    if (renamed := _RENAMED.match(message)) is not None:
        return renamed[2]
    marker = "returning to refs/heads/"
    return message.partition(marker)[2] or None if marker in message else None


def _id(object_id: str) -> str | None:
    return None if set(object_id) == {"0"} else object_id
