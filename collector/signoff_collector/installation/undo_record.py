"""What `setup` changed and how it was before: written, synced, before anything is touched."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.private_files import locked, read_regular, replace_private
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from signoff_collector.home import Home
    from signoff_collector.private_files import FileLock

_VERSION: Final = 1
_MAX_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file that was changed, or was about to be."""

    target: str
    path: Path
    """Real path."""

    before: bytes | None
    """None when there was no file, or nothing but lines of ours."""

    mode: int
    """Of the file before; 0 without one."""

    mtime_ns: int
    after_sha256: str
    """Of what we wrote; any other content was edited since."""

    made_folders: tuple[Path, ...]
    """Folders that had to be made, outermost first."""


class UndoRecord:
    """`config/setup.json` of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.config / "setup.json"

    @property
    def exists(self) -> bool:
        """Whether anything is written down."""
        return self._path.exists()

    def lock(self) -> AbstractContextManager[FileLock]:
        """Hold off other setups and uninstalls; the home must be there."""
        return locked(self._home.config / "setup.lock")

    def entries(self) -> tuple[Entry, ...]:
        """Give every entry in the order of the changes.

        Raises:
            DamagedError: the record is not what we wrote.
        """
        try:
            data = read_regular(self._path, max_bytes=_MAX_BYTES)
        except NotFoundError:
            return ()
        return parse_record(data)

    def of(self, path: Path) -> Entry | None:
        """Give the entry of a real path."""
        return next((entry for entry in self.entries() if entry.path == path), None)

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one of the same path; on disk when this returns."""
        kept = [other for other in self.entries() if other.path != entry.path]
        self._write((*kept, entry))

    def drop(self, path: Path) -> None:
        """Forget an entry; the last one takes the record with it."""
        kept = [entry for entry in self.entries() if entry.path != path]
        if kept:
            self._write(kept)
        else:
            self._path.unlink(missing_ok=True)

    def _write(self, entries: Iterable[Entry]) -> None:
        document = {"version": _VERSION, "entries": [_row(entry) for entry in entries]}
        replace_private(self._path, json.dumps(document, indent=1).encode("ascii"))


def parse_record(data: bytes) -> tuple[Entry, ...]:
    """Read the bytes of a record.

    Raises:
        DamagedError: they are not one.
    """
    try:
        parsed: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError("config/setup.json is not JSON", hint=_BY_HAND) from error
    if not isinstance(parsed, dict):
        raise DamagedError("config/setup.json holds no object", hint=_BY_HAND)
    fields = cast("dict[str, object]", parsed)
    version, rows = fields.get("version"), fields.get("entries")
    if type(version) is int and version > _VERSION:
        raise NewerVersionError("config/setup.json", found=version, newest_known=_VERSION)
    if version != _VERSION or not isinstance(rows, list):
        raise DamagedError("config/setup.json has no entries", hint=_BY_HAND)
    return tuple(_entry(row) for row in cast("list[object]", rows))


_BY_HAND: Final = (
    "Take the lines between `>>> signoff setup >>>` and its end out of your editors' files by hand."
)


def _row(entry: Entry) -> dict[str, object]:
    before = None if entry.before is None else base64.b64encode(entry.before).decode("ascii")
    return {
        "target": entry.target,
        "path": str(entry.path),
        "before": before,
        "mode": entry.mode,
        "mtime_ns": entry.mtime_ns,
        "after_sha256": entry.after_sha256,
        "made_folders": [str(folder) for folder in entry.made_folders],
    }


def _entry(row: object) -> Entry:
    if not isinstance(row, dict):
        raise DamagedError("an entry of config/setup.json is no object", hint=_BY_HAND)
    fields = cast("dict[str, object]", row)
    before = fields.get("before")
    folders = fields.get("made_folders")
    if not isinstance(folders, list):
        raise DamagedError("an entry of config/setup.json has no made_folders", hint=_BY_HAND)
    return Entry(
        target=_text(fields, "target"),
        path=_path(_text(fields, "path")),
        before=None if before is None else _decoded(before),
        mode=_number(fields, "mode") & 0o7777,
        mtime_ns=_number(fields, "mtime_ns"),
        after_sha256=_text(fields, "after_sha256"),
        made_folders=tuple(_path(folder) for folder in cast("list[object]", folders)),
    )


def _path(value: object) -> Path:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise DamagedError("a path in config/setup.json is not absolute", hint=_BY_HAND)
    return Path(value)


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DamagedError("a content in config/setup.json is not base64", hint=_BY_HAND) from error


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise DamagedError(f"an entry of config/setup.json has no {name}", hint=_BY_HAND)
    return value


def _number(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise DamagedError(f"an entry of config/setup.json has no {name}", hint=_BY_HAND)
    return value
