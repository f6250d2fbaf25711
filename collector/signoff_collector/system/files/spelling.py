"""One spelling of a path: links resolved, and each name as the disk spells it.

Some disks give a file for more than one spelling of its name: in other cases (APFS, NTFS, drvfs of
WSL, SMB), in another normal form of Unicode (APFS), by a short name (NTFS). Whoever compares paths,
or names with patterns, as they were asked for takes such a file for another one: what an ignore
file lists would be recorded under another spelling. So paths are compared as `true_path` gives
them, and names with patterns as `folded` where `folds` says so.

Whether a folder folds is tried on it, with another spelling of a name in it: no table of file
systems knows (a folder of ext4 or NTFS may be set either way).
"""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT: Final = 4096
"""Folders whose answers are kept."""
_KEPT_LISTS: Final = 64
_SETTLED_NS: Final = 2_000_000_000
"""A list is kept only of a folder that was changed longer ago: times of files are coarse."""
_HELD_S: Final = 10.0
"""How long an answer is believed: another disk may be mounted in its place."""
_TRIED: Final = 16
"""Names of a folder that are tried before its parent has to answer for it."""

_folding: dict[tuple[int, int], tuple[bool, float]] = {}
_plain: dict[str, float] = {}
"""Folders in which nothing on the way folds, and when that was seen."""
_lists: dict[tuple[int, int], tuple[int, frozenset[str]]] = {}
_DRIVE: Final = re.compile(r"/[A-Za-z]:(?:/|$)")


def true_path(path: str | os.PathLike[str]) -> Path:
    """Return the real path, each name of it spelled as the disk does.

    What is not there keeps the spelling it was asked for, below the part that is.

    Raises:
        OSError: a loop of links.
        ValueError: the path holds a NUL.
    """
    return Path(true_name(path))


def true_place(path: Path) -> Path:
    """Return a path as `true_path` does, but for its last name: a link there is not followed."""
    folder = true_path(path.parent)
    return folder / _spelled(str(folder), path.name)


def true_name(path: str | os.PathLike[str]) -> str:
    """Return what `true_path` does, as a string: making `Path` objects costs more than the look."""
    real = os.path.realpath(path)
    above = os.path.dirname(real)  # noqa: PTH120  a string on purpose
    now = time.monotonic()
    if now - _plain.get(above, -_HELD_S) < _HELD_S:
        return real
    parts = Path(real).parts
    spelled, is_plain = parts[0], True
    for name in parts[1:]:
        folder = spelled
        spelled = os.path.join(folder, _spelled(folder, name))  # noqa: PTH118
        is_plain = is_plain and _believed(_identity(folder)) is False
    if is_plain:
        if len(_plain) >= _KEPT:
            _plain.clear()
        _plain[above] = now
    return spelled


def folds(folder: str | os.PathLike[str]) -> bool:
    """Return whether names that differ in case or normal form alone are one in this folder.

    A folder that is not there, or in which no name has another spelling, is as the one above.
    """
    place = os.fspath(folder)
    while True:
        known = _known(place)
        if known is not None:
            return known
        above = os.path.dirname(place)  # noqa: PTH120
        if above == place:
            return False
        # The folder's own name, tried in the folder above, tells how that one compares.
        told = _tried(above, os.path.basename(place))  # noqa: PTH119
        if told is not None:
            return told
        place = above


def folded(name: str) -> str:
    """Return what two spellings of a name on such a disk have in common."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _spelled(folder: str, name: str) -> str:
    """Return how the disk spells a name in a folder; unchanged if it is not there."""
    if not _tried(folder, name):
        return name
    names = _names(folder)
    if name in names:
        return name
    key = folded(name)
    alike = [one for one in names if folded(one) == key]
    if len(alike) == 1:
        return alike[0]
    # A short name, or a disk that folds otherwise than we do: the same file tells.
    wanted = _identity(os.path.join(folder, name))  # noqa: PTH118
    for one in alike or names:
        if wanted is not None and _identity(os.path.join(folder, one)) == wanted:  # noqa: PTH118
            return one
    return name


def _known(folder: str) -> bool | None:
    """Return whether a folder folds, tried on some of its own names; None if none of them tells."""
    known = _believed(_identity(folder))
    if known is not None:
        return known
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_TRIED), entries, strict=False):
                told = _tried(folder, entry.name)
                if told is not None:
                    return told
    except OSError:
        return None
    return None


def _tried(folder: str, name: str) -> bool | None:
    """Return whether a folder folds, tried on this name; None if the name cannot tell."""
    at = _identity(folder)
    known = _believed(at)
    if at is None or known is not None:
        return known
    this = _identity(os.path.join(folder, name))  # noqa: PTH118
    other = next(_other_spellings(name), None)
    if this is None or other is None:
        return None
    told = _identity(os.path.join(folder, other)) == this  # noqa: PTH118
    if told and {name, other} <= _names(folder):
        told = False  # two names of one file (a hard link)
    if len(_folding) >= _KEPT:
        _folding.clear()
    _folding[at] = (told, time.monotonic())
    return told


def _believed(at: tuple[int, int] | None) -> bool | None:
    found = None if at is None else _folding.get(at)
    return None if found is None or time.monotonic() - found[1] > _HELD_S else found[0]


def _other_spellings(name: str) -> Iterator[str]:
    for other in (
        name.swapcase(),
        unicodedata.normalize("NFD", name),
        unicodedata.normalize("NFC", name),
    ):
        if other != name:
            yield other


def _names(folder: str) -> frozenset[str]:
    """Return the names in a folder as the disk spells them; none if it cannot be read."""
    try:
        at = os.stat(folder)  # noqa: PTH116
        place = (at.st_dev, at.st_ino)
        known = _lists.get(place)
        if known is not None and known[0] == at.st_mtime_ns:
            return known[1]
        names = frozenset(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return frozenset()
    if time.time_ns() - at.st_mtime_ns > _SETTLED_NS:
        if len(_lists) >= _KEPT_LISTS:
            _lists.clear()
        _lists[place] = (at.st_mtime_ns, names)
    return names


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def path_in_uri(path: Path) -> str:
    """Return a path as a `file:` URI has it (RFC 8089, appendix E): `/C:/x` for a drive."""
    plain = path.as_posix()
    return plain if plain.startswith("/") else f"/{plain}"


def path_out_of_uri(plain: str) -> Path:
    """Return the path that `path_in_uri` made; a drive counts where the system has drives."""
    has_drive = sys.platform == "win32" and _DRIVE.match(plain) is not None
    return Path(plain[1:] if has_drive else plain)
