"""From names that were touched to what has really changed: stat first, read only what differs."""

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
"""Files of a bulk change that are named, with their digests; of more there is only a count.

But for those that the session has read or opened: what it holds of them is not there any more."""
_RACY_NS: Final = 20_000_000
"""A file changed so shortly before it was read may change again within one tick of its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What one burst of events has changed."""

    first_boot_ns: int
    last_boot_ns: int
    changed: list[FileItem]
    """New and changed files; with `sha256` None those that are gone. The new names of renamed
    files are among them, the old ones are not."""
    renamed: list[tuple[str, str]]
    count: int
    """Files in all, also those beyond what is listed."""
    is_bulk: bool
    is_rescan: bool
    paths: frozenset[str]
    """Every path that has changed, also the old ones of renames."""
    replaced: frozenset[str] = frozenset()
    """Those of them that were there before, and still are."""


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
        """Whether its content may be another than before."""
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
    """Look at everything a burst has touched and bring the table up to date.

    Args:
        root: real path of the workspace.
        pending: the burst; it is used up.
        rules: what may be told of.
        wall_ns: time of day now, compared with that of files.
        touched: files that the session has read or opened. They are named where not all can be,
            and also where they are as before: an editor may have saved them meanwhile.

    Returns None when nothing that may be told of has changed.
    """
    touched = cache(touched)  # they are read from the journals, and only where it matters
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
    found.items += [FileItem(path=place.path) for place in left]
    paths = frozenset(place.path for place in (*gone, *fresh))
    replaced = frozenset(place.path for place in fresh if place.before is not None)
    return _burst(pending, found, paths, replaced, is_bulk=is_bulk)


def _matters(place: _Place, first: frozenset[str]) -> bool:
    """Say whether a file is named among very many: one that this session has read or opened."""
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
    """Bring the table up to date without telling of anything; contents count as unknown.

    Returns the paths that have changed.
    """
    places = [_look(root, path, holder, pending) for path, holder in pending.places()]
    _remember(places)
    return {place.path for place in places if place.is_gone or place.is_fresh}


def _allowed(root: Path, places: list[_Place], rules: FileRules) -> set[str]:
    """Ask the policy about all paths at once.

    It cannot judge what lay in a folder that has become a link: what was read before it became
    one was allowed then.
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
    """Find which of the new files is which of those that are gone."""
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
    """Read what may have changed; of a bulk change only digests."""
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
    """Remember what was read; return whether it differs from what was known of this path."""
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
            or content_id(place.now)  # just read: two stamps nobody trusts may look the same
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
