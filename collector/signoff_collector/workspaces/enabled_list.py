"""The stored opt-ins: `config/workspaces.json`, and `enabled.tsv` for hooks that cannot read JSON.

`enabled.tsv` holds one line per opt-in: real path, expiry in seconds since 1970, identifier,
`directory` or `file`, and until when it is paused (seconds since 1970, 0 when it is not), separated
by tabs. A path that would break a line is refused, never escaped: readers in shells compare bytes.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import locked, read_regular, replace_private
from signoff_collector.workspaces.work_trees import file_stamp
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError, RefusedError
from signoff_schemas.untyped import is_fields, is_items
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.own_files.home import Home

FOREVER_NS: Final = (1 << 63) - 1
_VERSION: Final = 1
_MAX_BYTES: Final = 4 << 20
ASKER: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""Form of the name under which an editor that asked a person identifies itself."""
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{16}")
_BREAKS_A_LINE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One opt-in as stored."""

    identifier: str
    root: Path
    is_file: bool
    remote: str | None
    common_dir: Path | None
    """The git directory, when other work trees of the repository inherit."""

    inside: Path
    """Path of `root` below the top of its work tree."""

    owner: Owner
    is_confirmed: bool
    enabled_ns: int
    expires_ns: int
    paused_until_ns: int | None = None
    """Wall clock; `FOREVER_NS` until resumed; None while not paused."""

    repository_birth: str | None = None
    """Identifies this repository, to detect another one put in its place; None where unknown."""

    asked_in: str | None = None
    """The editor in which a person said yes, as the program that enabled it claims."""


class EnabledList:
    """Reads and changes the stored opt-ins of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._json = _json_of(home)
        self._stamp: tuple[int, ...] | None = None
        self._entries: tuple[Entry, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        """Return every opt-in; read again only when the file changed.

        Raises:
            DamagedError: the file is not what we wrote; nothing is recorded until it is repaired.
        """
        stamp = file_stamp(self._json)
        if stamp is None:
            self._stamp, self._entries = None, ()
        elif stamp != self._stamp:
            self._entries = parse_entries(read_regular(self._json, max_bytes=_MAX_BYTES))
            self._stamp = stamp
        return self._entries

    def put(self, entry: Entry) -> None:
        """Store one opt-in; it replaces any with the same root.

        Raises:
            RefusedError: the path holds a character that would break a line of `enabled.tsv`.
        """
        refuse_unwritable(entry.root)
        self.change(lambda entries: (*(e for e in entries if e.root != entry.root), entry))

    def remove(self, identifier: str) -> None:
        """Drop one opt-in.

        Raises:
            NotFoundError: it is not there.
        """
        if all(entry.identifier != identifier for entry in self.entries()):
            raise NotFoundError(f"there is no opt-in {identifier}", hint="See `signoff status`.")
        self.change(lambda entries: tuple(e for e in entries if e.identifier != identifier))

    def change(self, change: Callable[[tuple[Entry, ...]], tuple[Entry, ...]]) -> None:
        """Apply a function to the list and store the result in both files, under a lock."""
        self._home.ensure()
        with locked(self._home.config / "workspaces.lock"):
            self._stamp = None
            entries = change(self.entries())
            lines = "".join(map(_line, entries)).encode("utf-8", "surrogateescape")
            # A hook must never record what the list no longer holds, nor miss a new opt-in for
            # long: the plain file is written first when it shrinks, and is complete by itself.
            replace_private(self._home.enabled_tsv, lines)
            replace_private(self._json, _document(entries))
            self._stamp = None


def opt_in_stamp(home: Home) -> tuple[int, ...] | None:
    """Return what changes with every change of the opt-ins; None where there are none.

    That of the file which is written last, and which `entries` reads: one that changed before it
    would be taken for the new state while the old one is still read.
    """
    return file_stamp(_json_of(home))


def _json_of(home: Home) -> Path:
    return home.config / "workspaces.json"


def refuse_unwritable(path: Path) -> None:
    """Refuse a path that cannot be written in a line of a plain file (threat 35).

    Raises:
        RefusedError: it holds a tab, a line break or another control or invisible character.
    """
    for character in os.fspath(path):
        if unicodedata.category(character) in _BREAKS_A_LINE:
            raise RefusedError(
                f"the path holds the character U+{ord(character):04X}, which cannot be stored",
                hint="Rename the folder, then enable it.",
            )


def parse_entries(content: bytes) -> tuple[Entry, ...]:
    """Parse the bytes of `workspaces.json`.

    Raises:
        DamagedError: they are not what this release or an older one wrote.
    """
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(f"is not JSON: {type(error).__name__}") from None
    if not is_fields(document):
        raise _damaged("is not a JSON object")
    fields = document
    version = fields.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _damaged("has no version")
    if version > _VERSION:
        raise NewerVersionError("workspaces.json", found=version, newest_known=_VERSION)
    rows = fields.get("workspaces")
    if not is_items(rows):
        raise _damaged("has no list of workspaces")
    return tuple(_entry(row) for row in rows)


def _entry(row: object) -> Entry:
    if not is_fields(row):
        raise _damaged("has a row that is not an object")
    fields = row
    identifier = _text(fields, "id")
    inside = PurePosixPath(_text(fields, "inside"))
    root = Path(_text(fields, "root"))
    common_dir = _optional_text(fields, "common_dir")
    try:
        owner = Owner(_text(fields, "owner"))
    except ValueError:
        raise _damaged("names an unknown owner") from None
    # A home that was copied to Windows names folders of POSIX, which have no drive.
    if not _IDENTIFIER.fullmatch(identifier) or not root.root:
        raise _damaged("names a workspace without an absolute path and an identifier")
    if inside.is_absolute() or ".." in inside.parts:
        raise _damaged("names a workspace outside its work tree")
    return Entry(
        identifier=identifier,
        root=root,
        is_file=_bool(fields, "is_file"),
        remote=_optional_text(fields, "remote"),
        common_dir=None if common_dir is None else Path(common_dir),
        inside=Path(inside),
        owner=owner,
        is_confirmed=_bool(fields, "is_confirmed"),
        enabled_ns=_whole(fields, "enabled_ns"),
        expires_ns=_whole(fields, "expires_ns"),
        paused_until_ns=_optional_whole(fields, "paused_until_ns"),
        repository_birth=_optional_text(fields, "repository_birth"),
        asked_in=_asker(fields),
    )


def _document(entries: tuple[Entry, ...]) -> bytes:
    rows = [
        {
            "id": entry.identifier,
            "root": os.fspath(entry.root),
            "is_file": entry.is_file,
            "remote": entry.remote,
            "common_dir": None if entry.common_dir is None else os.fspath(entry.common_dir),
            "inside": entry.inside.as_posix(),
            "owner": entry.owner.value,
            "is_confirmed": entry.is_confirmed,
            "enabled_ns": entry.enabled_ns,
            "expires_ns": entry.expires_ns,
            "paused_until_ns": entry.paused_until_ns,
            "repository_birth": entry.repository_birth,
            "asked_in": entry.asked_in,
        }
        for entry in entries
    ]
    document = {"version": _VERSION, "workspaces": rows}
    return (json.dumps(document, ensure_ascii=True, indent=1) + "\n").encode("ascii")


def _line(entry: Entry) -> str:
    seconds = entry.expires_ns // 1_000_000_000
    kind = "file" if entry.is_file else "directory"
    paused = (entry.paused_until_ns or 0) // 1_000_000_000
    return f"{entry.root}\t{seconds}\t{entry.identifier}\t{kind}\t{paused}\n"


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or "\0" in value:
        raise _damaged(f"has no text for {name}")
    return value


def _optional_text(fields: dict[str, object], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _bool(fields: dict[str, object], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise _damaged(f"has no yes or no for {name}")
    return value


def _whole(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _damaged(f"has no number for {name}")
    return value


def _optional_whole(fields: dict[str, object], name: str) -> int | None:
    return None if fields.get(name) is None else _whole(fields, name)


def _asker(fields: dict[str, object]) -> str | None:
    name = _optional_text(fields, "asked_in")
    if name is not None and not ASKER.fullmatch(name):
        raise _damaged("names an editor that cannot be one")
    return name


def _damaged(fact: str) -> DamagedError:
    return DamagedError(
        f"config/workspaces.json {fact}; nothing is recorded until it is fixed",
        hint="Move that file away, then enable your workspaces again.",
    )
