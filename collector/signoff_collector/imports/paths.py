"""Turns names of files as other tools write them into paths of an episode."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.people import People, home_depth

if TYPE_CHECKING:
    from collections.abc import Iterable

_DRIVE: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:/{2,}|[A-Za-z]:(?=[/\\]))")
_CONTROLS: Final = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
_MAX_PART_BYTES: Final = 200
_MAX_PARTS: Final = 40
_NAMELESS: Final = "unnamed"
_TOP: Final = "/"
_UP: Final = ".."


class Paths:
    """Gives each foreign file one path: relative, with forward slashes, inside the workspace.

    No two files share a path, and no path lies below another file's. No path names a home folder.
    """

    def __init__(self) -> None:
        self.people = People()
        self._root: tuple[str, ...] = ()
        self._known: dict[str, str] = {}
        self._given: dict[tuple[str, ...], str] = {}
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._latest: dict[str, int] = {}
        """Path that several files want to the number the last of them got."""
        self.outside = 0
        """How many files lay outside the root, where one is known."""

    def set_root(self, root: str) -> None:
        """Say which folder relative names begin in, unless one is known."""
        if root:
            self.people.folder(root, _key(root))
            self._root = self._root or _key(root)

    def begin_in(self, names: Iterable[str]) -> None:
        """Take the folder that all files in home folders share for the root, unless one is known.

        Not where some names are relative: nobody knows from where.
        """
        keys = [_key(name) for name in names]
        homely = [key[:-1] for key in keys if home_depth(key[:-1])]
        if homely and not self._root and all(key[:1] == (_TOP,) for key in keys):
            both = zip(min(homely), max(homely), strict=False)
            shared = tuple(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], both))
            self._root = shared if home_depth(shared) else ()

    def of(self, name: str) -> str:
        """Return the path of a file by its name."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._of_key(self._whole(_key(name)))
        return known

    def _whole(self, key: tuple[str, ...]) -> tuple[str, ...]:
        if key[:1] == (_TOP,) or not self._root:
            return key
        ups = next((at for at, part in enumerate(key) if part != _UP), len(key))
        return (*self._root[: max(1, len(self._root) - ups)], *key[ups:])

    def _of_key(self, key: tuple[str, ...]) -> str:
        known = self._given.get(key)
        if known is not None:
            return known
        depth = len(self._root)
        is_inside = key[:depth] == self._root
        self.outside += not is_inside
        self.people.file(key)
        below = key[max(depth if is_inside else 0, home_depth(key[:-1])) :]
        parts = [_part(one) for one in below if one not in {_TOP, _UP}]
        wanted = "/".join(parts[-_MAX_PARTS:]) or _NAMELESS
        path = wanted
        while self._is_taken(path):
            self._latest[wanted] = self._latest.get(wanted, 1) + 1
            path = f"{wanted}~{self._latest[wanted]}"
        self._given[key] = path
        self._files.add(path)
        self._folders.update(_folders(path))
        return path

    def _is_taken(self, path: str) -> bool:
        return (
            path in self._files
            or path in self._folders
            or any(folder in self._files for folder in _folders(path))
        )


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _key(name: str) -> tuple[str, ...]:
    """Return the parts of a name; the first is `/` where it is absolute."""
    plain = _DRIVE.sub("/", name)
    if "/" not in plain or plain != name:
        plain = plain.replace("\\", "/")
    parts: list[str] = [_TOP] if plain.startswith("/") else []
    for part in plain.split("/"):
        if part == _UP and parts and parts[-1] not in {_UP, _TOP}:
            parts.pop()
        elif part not in {"", ".", _UP} or (part == _UP and parts[:1] != [_TOP]):
            parts.append(part)
    return tuple(parts)


def _part(name: str) -> str:
    shown = _CONTROLS.sub("_", name).encode()[:_MAX_PART_BYTES].decode(errors="ignore")
    bare = shown.rstrip(". ").casefold()
    return f"_{shown}" if bare == ".git" or bare.startswith("git~") else shown
