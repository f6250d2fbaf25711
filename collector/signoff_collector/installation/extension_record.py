"""Which editors `setup` gave our extension: written, synced, before an editor is asked to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.private_files import read_regular, replace_private
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.home import Home

_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20
_NAME: Final = "config/extensions.json"
_BY_HAND: Final = "Take the extension out in your editors by hand, then delete that file."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionEntry:
    """One editor that got it, or was about to."""

    program: Path
    """The editor's command-line program."""

    extension: str
    """As editors name it: publisher and name."""

    before: str | None
    """The version that was there before the first of our installs."""

    sha256: str
    """Of the package that was installed last."""


class ExtensionRecord:
    """`config/extensions.json` of one home; the lock is the undo record's."""

    def __init__(self, home: Home) -> None:
        self._path = home.config / "extensions.json"

    @property
    def exists(self) -> bool:
        """Whether anything is written down."""
        return self._path.exists()

    def entries(self) -> tuple[ExtensionEntry, ...]:
        """Give every entry in the order of the installs.

        Raises:
            DamagedError: the record is not what we wrote.
        """
        try:
            data = read_regular(self._path, max_bytes=_MAX_BYTES)
        except NotFoundError:
            return ()
        return parse_extensions(data)

    def of(self, program: Path) -> ExtensionEntry | None:
        """Give the entry of an editor."""
        return next((entry for entry in self.entries() if entry.program == program), None)

    def put(self, entry: ExtensionEntry) -> None:
        """Write an entry down in place of an older one of the same editor."""
        kept = [other for other in self.entries() if other.program != entry.program]
        self._write([*kept, entry])

    def drop(self, program: Path) -> None:
        """Forget an editor; the file goes with the last one."""
        kept = [entry for entry in self.entries() if entry.program != program]
        if kept:
            self._write(kept)
        else:
            self._path.unlink(missing_ok=True)

    def _write(self, entries: Iterable[ExtensionEntry]) -> None:
        rows = [
            {
                "program": str(entry.program),
                "extension": entry.extension,
                "before": entry.before,
                "sha256": entry.sha256,
            }
            for entry in entries
        ]
        document = {"version": _VERSION, "entries": rows}
        replace_private(self._path, json.dumps(document, indent=1).encode("ascii"))


def parse_extensions(data: bytes) -> tuple[ExtensionEntry, ...]:
    """Read the bytes of a record.

    Raises:
        DamagedError: they are not one.
    """
    try:
        parsed: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{_NAME} is not JSON", hint=_BY_HAND) from error
    fields = cast("dict[str, object]", parsed) if isinstance(parsed, dict) else {}
    version, rows = fields.get("version"), fields.get("entries")
    if type(version) is int and version > _VERSION:
        raise NewerVersionError(_NAME, found=version, newest_known=_VERSION)
    if version != _VERSION or not isinstance(rows, list):
        raise DamagedError(f"{_NAME} has no entries", hint=_BY_HAND)
    return tuple(_entry(row) for row in cast("list[object]", rows))


def _entry(row: object) -> ExtensionEntry:
    fields = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    program, extension, before, sha256 = (
        fields.get(name) for name in ("program", "extension", "before", "sha256")
    )
    is_path = isinstance(program, str) and program.startswith("/") and "\0" not in program
    is_named = isinstance(extension, str) and _is_extension_name(extension)
    is_known = before is None or isinstance(before, str)
    if not is_path or not is_named or not is_known or not isinstance(sha256, str):
        raise DamagedError(f"an entry of {_NAME} is not what we wrote", hint=_BY_HAND)
    return ExtensionEntry(
        program=Path(str(program)),
        extension=str(extension),
        before=None if before is None else str(before),
        sha256=sha256,
    )


def _is_extension_name(name: str) -> bool:
    """Say whether it can stand in an argument list: nothing that reads like an option."""
    plain = name.replace(".", "").replace("-", "")
    return plain.isascii() and plain.isalnum() and name[0].isalnum()
