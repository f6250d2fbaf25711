"""What `setup` changed and how it was before: written, synced, before anything is touched."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.undo.record_file import RecordFile, RecordForm
from signoff_collector.own_files.private_files import locked
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from signoff_collector.own_files.home import Home
    from signoff_collector.own_files.private_files import FileLock


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
    if not is_fields(row):
        raise DamagedError("an entry of config/setup.json is not an object", hint=_BY_HAND)
    fields = row
    before = fields.get("before")
    folders = fields.get("made_folders")
    if not is_items(folders):
        raise DamagedError("an entry of config/setup.json has no made_folders", hint=_BY_HAND)
    return Entry(
        target=_text(fields, "target"),
        path=_path(_text(fields, "path")),
        before=None if before is None else _decoded(before),
        mode=_number(fields, "mode") & 0o7777,
        mtime_ns=_number(fields, "mtime_ns"),
        after_sha256=_text(fields, "after_sha256"),
        made_folders=tuple(_path(folder) for folder in folders),
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


UNDO_FORM: Final = RecordForm(
    name="config/setup.json",
    max_bytes=64 << 20,
    by_hand=_BY_HAND,
    key=lambda entry: entry.path,
    row=_row,
    entry=_entry,
)


class UndoRecord(RecordFile[Entry]):
    """`config/setup.json` of one home, by real path."""

    def __init__(self, home: Home) -> None:
        super().__init__(home.config / "setup.json", UNDO_FORM)
        self._home = home

    def lock(self) -> AbstractContextManager[FileLock]:
        """Hold off other setups and uninstalls; the home must be there."""
        return locked(self._home.config / "setup.lock")
