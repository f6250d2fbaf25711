"""Find out what a burst has really changed: stat every touched name, read only what differs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.files.file_items import Allowance, FileBytes, FileItem
from signoff_collector.capture.files.file_table import (
    Folder,
    Known,
    content_id,
    git_id,
    inode,
    is_same_file,
    is_same_stamp,
    known,
    known_mode,
    mode_of,
    sha256_id,
    untrusted,
    with_content,
)
from signoff_collector.capture.journal.disk_contents import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signoff_collector.capture.files.file_pending import Pending
    from signoff_collector.capture.files.file_rules import FileRules

MAX_BULK_ITEMS: Final = 5_000
"""Most files of a bulk change that are listed, with digests; beyond that there is only a count.

Exceptions are files that the session has read or opened: their recorded content is outdated.
"""
_RACY_NS: Final = 20_000_000
"""A file read so soon after a change may change again within one tick of its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """The changes of one coalesced burst of events."""

    first_boot_ns: int
    last_boot_ns: int
    changed: list[FileItem]
    """New, changed and deleted files (`sha256` is None); of renamed files only the new names."""
    renamed: list[tuple[str, str]]
    count: int
    """Number of files, including those beyond what is listed."""
    is_bulk: bool
    is_rescan: bool
    paths: frozenset[str]
    """Every path that has changed, including the old ones of renames."""
    replaced: frozenset[str] = frozenset()
    """Those paths that existed before and still do."""


@dataclass(slots=True, kw_only=True)
class _Place:
    """One touched path."""

    path: str
    holder: tuple[Folder, str] | None
    before: Known | None
    now: Known | None = None
    renamed_from: _Place | None = None

    @property
    def is_gone(self) -> bool:
        return self.now is None and self.before is not None

    @property
    def is_fresh(self) -> bool:
        """Whether its content may have changed."""
        return self.now is not None and (
            self.before is None or not is_same_stamp(self.before, self.now)
        )


@dataclass(slots=True, kw_only=True)
class _Found:
    items: list[FileItem] = field(default_factory=list["FileItem"])
    renamed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    count: int = 0


def settle(
    root: Path,
    pending: Pending,
    rules: FileRules,
    wall_ns: int,
    *,
    touched: Callable[[], frozenset[str]] = frozenset,
) -> Burst | None:
    """Examine everything that a burst touched, and update the index.

    Args:
        root: real path of the workspace.
        pending: the burst; it is consumed.
        rules: what may be recorded.
        wall_ns: current wall-clock time, compared with that of files.
        touched: files that the session has read or opened. They are listed where not all can be,
            and also when they are as before: an editor may have saved them meanwhile.

    Returns None when nothing that may be recorded has changed.
    """
    touched = cache(touched)  # cached: they are read from the journals, and only where needed
    places = [_look(root, path, holder, pending) for path, holder in pending.places()]
    open_questions = [place for place in places if place.is_gone or place.is_fresh]
    passing = [place for place in places if place.before is None and place.now is None]
    first = touched() if passing or pending.is_bulk else frozenset[str]()
    open_questions += [place for place in passing if place.path in first]
    allowed = _allowed(root, open_questions, rules)
    gone = [place for place in open_questions if place.now is None and place.path in allowed]
    fresh = [place for place in open_questions if place.is_fresh and place.path in allowed]
    _pair(gone, fresh, pending.moved_inodes)
    is_bulk = len(gone) + len(fresh) > MAX_FILES
    sources = {id(place.renamed_from) for place in fresh}
    left = [place for place in gone if id(place) not in sources]
    named = fresh
    found = _Found(count=len(left))
    if len(left) + len(fresh) > MAX_BULK_ITEMS:
        named = [place for place in fresh if _matters(place, first)][:MAX_BULK_ITEMS]
        left = [place for place in left if _matters(place, first)][: MAX_BULK_ITEMS - len(named)]
        found.count += len(fresh) - len(named)
    _read(root, named, wall_ns, found, touched, is_bulk=is_bulk)
    _remember(places)
    found.items += [_item_of_gone(place, pending) for place in left]
    paths = frozenset(place.path for place in (*gone, *fresh))
    replaced = frozenset(place.path for place in fresh if place.before is not None)
    return _burst(pending, found, paths, replaced, is_bulk=is_bulk)


def _item_of_gone(place: _Place, pending: Pending) -> FileItem:
    gone_ns = None if place.holder is None else pending.gone.get(place.holder)
    return FileItem(path=place.path, gone_boot_ns=gone_ns)


def _matters(place: _Place, first: frozenset[str]) -> bool:
    """Whether a file is listed even in a huge change: the session has read or opened it."""
    if place.path in first or (place.before and content_id(place.before)[:1] == b"s"):
        return True
    return place.renamed_from is not None and _matters(place.renamed_from, first)


def _look(root: Path, path: str, holder: tuple[Folder, str] | None, pending: Pending) -> _Place:
    before = pending.before.get(path)
    if holder is None:
        return _Place(path=path, holder=None, before=before)
    try:
        status = os.lstat(f"{root}/{path}")
    except OSError:
        return _Place(path=path, holder=holder, before=before)
    mode = mode_of(status)
    now = None if mode is None else known(status, mode)
    return _Place(path=path, holder=holder, before=before, now=now)


def absorb(root: Path, pending: Pending) -> set[str]:
    """Update the index without reporting changes; contents count as unknown.

    Returns the paths that have changed.
    """
    places = [_look(root, path, holder, pending) for path, holder in pending.places()]
    _remember(places)
    return {place.path for place in places if place.is_gone or place.is_fresh}


def _allowed(root: Path, places: list[_Place], rules: FileRules) -> set[str]:
    """Query the policy about all paths at once.

    The policy cannot judge a file in a folder that has since become a symbolic link: such a file
    stays allowed if its content was read before.
    """
    allowed = rules.files([place.path for place in places])
    links: dict[str, bool] = {}
    for place in places:
        was_read = place.before is not None and content_id(place.before) != b""
        if place.holder is None and was_read and _is_behind_link(root, place.path, links):
            allowed.add(place.path)
    return allowed


def _is_behind_link(root: Path, path: str, known_links: dict[str, bool]) -> bool:
    folder = path.rpartition("/")[0]
    if not folder:
        return False
    if folder not in known_links:
        known_links[folder] = (root / folder).is_symlink() or _is_behind_link(
            root, folder, known_links
        )
    return known_links[folder]


def _pair(gone: list[_Place], fresh: list[_Place], moved_inodes: set[int]) -> None:
    """Pair deleted and new files into renames."""
    by_inode = {inode(place.before): place for place in gone if place.before is not None}
    for place in fresh:
        if place.now is None:
            continue
        number = inode(place.now)
        source = by_inode.get(number)
        if source is None or source.before is None:
            continue
        if is_same_file(source.before, place.now, is_moved=number in moved_inodes):
            place.renamed_from = by_inode.pop(number)


def _read(
    root: Path,
    fresh: list[_Place],
    wall_ns: int,
    found: _Found,
    touched: Callable[[], frozenset[str]],
    *,
    is_bulk: bool,
) -> None:
    """Read the files that may have changed; of a bulk change only their digests."""
    allowance = Allowance(0 if is_bulk else MAX_FILES)
    for place in fresh:
        data = allowance.read(f"{root}/{place.path}")
        if data is not None and not _take(place, data, wall_ns) and place.path not in touched():
            continue
        found.count += 1
        if data is not None:
            found.items.append(allowance.item(place.path, data))
        if place.renamed_from is not None:
            found.renamed.append((place.renamed_from.path, place.path))


def _take(place: _Place, data: FileBytes, wall_ns: int) -> bool:
    """Update the index entry with what was read; return whether the content differs from before."""
    before = place.before
    value = with_content(data.value, sha256_id(data.sha256))
    place.now = untrusted(value) if abs(wall_ns - data.changed_ns) < _RACY_NS else value
    if before is None or place.renamed_from is not None or known_mode(before) != data.mode:
        return True
    content = content_id(before)
    if content[:1] == b"g":
        name = data.git_name(2 * len(content) - 2)
        return name is None or content != git_id(name)
    return content != content_id(value)


def _remember(places: list[_Place]) -> None:
    for place in places:
        if place.holder is None:
            continue
        folder, name = place.holder
        if place.now is None:
            folder.files.pop(name, None)
        elif (
            place.before is None
            or content_id(place.now)  # just read: two untrusted stamps may be equal
            or not is_same_stamp(place.before, place.now)
        ):
            folder.files[name] = place.now


def _burst(
    pending: Pending,
    found: _Found,
    paths: frozenset[str],
    replaced: frozenset[str],
    *,
    is_bulk: bool,
) -> Burst | None:
    if not found.count:
        return None
    return Burst(
        first_boot_ns=pending.first_ns,
        last_boot_ns=pending.last_ns,
        changed=sorted(found.items, key=lambda item: item.path),
        renamed=found.renamed,
        count=found.count,
        is_bulk=is_bulk,
        is_rescan=pending.is_rescan,
        paths=paths,
        replaced=replaced,
    )
