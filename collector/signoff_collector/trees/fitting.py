"""Names that every file of a tree can have in a folder, whatever the disk beneath it holds.

An episode made on one system is checked out on each other. What the target cannot hold (`aux.c` and
`a:b` on Windows, a name of 300 bytes, two names that are one where case is folded) gets another
name: the same one each time, never one that another file has, and never one that leads elsewhere.
Whoever writes says which; nothing is renamed silently.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.system.files.spelling import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

MAX_NAME: Final = 255
"""The longest name, in bytes or UTF-16 units: the same number on all systems."""
_MAX_ENDING: Final = 16
"""A longer ending (`.py`) is not kept where a name is cut."""
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
"""Characters that no name of NTFS or FAT holds."""
_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
"""Names of devices on Windows, whatever follows after a dot ("Naming Files, Paths, and
Namespaces", Microsoft)."""
_TRIAL: Final = "signoff-Trial-\u00e9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a folder makes of names. The default is a disk of Linux."""

    folds: bool = False
    """Names that differ in case or normal form alone are one (APFS, NTFS)."""
    is_strict: bool = False
    """Some characters, endings and names of devices are refused, or mean something else."""
    in_utf16: bool = False
    """A name may have 255 UTF-16 units, rather than 255 bytes of UTF-8."""


STRICTEST: Final = Target(folds=True, is_strict=True)


def fitted_paths(
    split: Mapping[str, tuple[str, ...]], target: Target
) -> dict[str, tuple[str, ...]]:
    """Return the names to write each path under; the same ones wherever the target allows it.

    Args:
        split: the names of each path, none of which is empty, `.` or `..`.
        target: what the folder can hold.
    """
    children: dict[tuple[str, ...], set[str]] = {}
    for parts in split.values():
        for depth, name in enumerate(parts):
            children.setdefault(parts[:depth], set()).add(name)
    names = {above: fitted(inside, target) for above, inside in children.items()}
    return {
        path: tuple(names[parts[:depth]][name] for depth, name in enumerate(parts))
        for path, parts in split.items()
    }


def fitted(names: Collection[str], target: Target) -> dict[str, str]:
    """Return the name to write for each name of one folder.

    No two of the results are one name in the target. Characters that it cannot hold become `%XX`
    of their UTF-8, as in addresses. Names that are too long, or that are one with another, end in
    eight digits of their SHA-256; of several that are one, the first in order stays as it is.
    """
    wanted = {name: _plain(name, target) for name in names}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(wanted, key=lambda name: (wanted[name] != name, name)):
        made, tries = wanted[name], 0
        if _size(made, target) > MAX_NAME:
            made = _marked(name, wanted[name], tries, target)
        while _key(made, target) in taken:
            tries += 1
            made = _marked(name, wanted[name], tries, target)
        taken.add(_key(made, target))
        found[name] = made
    return found


def tried_target(folder: Path) -> Target:
    """Return what a new, empty folder makes of names, by trying; it is empty again afterwards.

    No table of file systems knows: a disk of Windows may be mounted on Linux, a folder of ext4 may
    fold.

    Raises:
        OSError: no file can be made in it.
    """
    first = folder / _TRIAL
    with first.open("xb"):
        pass
    try:
        others = (_TRIAL.swapcase(), unicodedata.normalize("NFD", _TRIAL))
        return Target(
            folds=any(os.path.lexists(folder / other) for other in others),
            is_strict=not _holds(folder, f"{_TRIAL}?"),
            in_utf16=_holds(folder, "\u00e9" * (MAX_NAME // 2 + 1)),
        )
    finally:
        first.unlink()


def _holds(folder: Path, name: str) -> bool:
    """Say whether a name can be given, and is then listed as it was given."""
    path = folder / name
    try:
        with path.open("xb"):
            pass
    except OSError:
        return False
    listed = {unicodedata.normalize("NFC", one) for one in os.listdir(folder)}  # noqa: PTH208
    path.unlink()
    return name in listed


def _plain(name: str, target: Target) -> str:
    """Return a name without what the target cannot hold; it may be too long."""
    made = "".join(_escaped(char) if _is_refused(char, target) else char for char in name)
    if not target.is_strict:
        return made
    if made.endswith((".", " ")):
        made = made[:-1] + _escaped(made[-1])
    stem = made.partition(".")[0].rstrip(" ")
    if stem.upper() in _DEVICES:
        made = stem[:-1] + _escaped(stem[-1]) + made[len(stem) :]
    return made


def _is_refused(char: str, target: Target) -> bool:
    """Say whether a character is escaped: what would harm a terminal and is no text, always."""
    return unicodedata.category(char) in {"Cc", "Cs"} or (target.is_strict and char in _FORBIDDEN)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _marked(name: str, plain: str, tries: int, target: Target) -> str:
    """Return a plain name with a mark of what it stands for, before its ending, cut to fit."""
    said = f"{tries}\0{name}" if tries > 1 else name
    mark = "_" + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    head, dot, ending = plain.rpartition(".")
    if not head or _size(dot + ending, target) > _MAX_ENDING:
        head, dot, ending = plain, "", ""
    room = MAX_NAME - _size(mark + dot + ending, target)
    while _size(head, target) > room:
        head = head[: min(len(head) - 1, room)]
    return head + mark + dot + ending


def _size(name: str, target: Target) -> int:
    return len(name.encode("utf-16-le")) // 2 if target.in_utf16 else len(name.encode())


def _key(name: str, target: Target) -> str:
    return folded(name) if target.folds else name
