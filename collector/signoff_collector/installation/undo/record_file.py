"""A JSON file of entries, one per path, that says what setting up did: replaced whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError
from signoff_schemas.untyped import fields_of, is_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_VERSION: Final = 1
_E = TypeVar("_E")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm(Generic[_E]):
    """How the entries of one such file are written and read."""

    name: str
    """Of the file, below the home."""

    max_bytes: int

    by_hand: str
    """What a person does when the file is damaged."""

    key: Callable[[_E], Path]
    """What an entry is about; no two entries have the same."""

    row: Callable[[_E], dict[str, object]]
    entry: Callable[[object], _E]
    """Raises `DamagedError` for what `row` did not write."""

    def parse(self, data: bytes) -> tuple[_E, ...]:
        """Read the bytes of a record.

        Raises:
            DamagedError: they are not one.
            NewerVersionError: a newer Signoff wrote them.
        """
        try:
            parsed: object = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DamagedError(f"{self.name} is not JSON", hint=self.by_hand) from error
        fields = fields_of(parsed)
        version, rows = fields.get("version"), fields.get("entries")
        if type(version) is int and version > _VERSION:
            raise NewerVersionError(self.name, found=version, newest_known=_VERSION)
        if version != _VERSION or not is_items(rows):
            raise DamagedError(f"{self.name} has no entries", hint=self.by_hand)
        return tuple(self.entry(row) for row in rows)


class RecordFile(Generic[_E]):
    """One such file; the lock is the undo record's."""

    def __init__(self, path: Path, form: RecordForm[_E]) -> None:
        self._path = path
        self._form = form

    @property
    def exists(self) -> bool:
        """Whether anything is written down."""
        return self._path.exists()

    def entries(self) -> tuple[_E, ...]:
        """Give every entry in the order of the changes.

        Raises:
            DamagedError: the record is not what we wrote.
        """
        try:
            data = read_regular(self._path, max_bytes=self._form.max_bytes)
        except NotFoundError:
            return ()
        return self._form.parse(data)

    def of(self, key: Path) -> _E | None:
        """Give the entry of a path."""
        return next((entry for entry in self.entries() if self._form.key(entry) == key), None)

    def put(self, entry: _E) -> None:
        """Write an entry down in place of an older one of the same path; on disk on return."""
        self._write([*self._without(self._form.key(entry)), entry])

    def drop(self, key: Path) -> None:
        """Forget an entry; the last one takes the file with it."""
        kept = self._without(key)
        if kept:
            self._write(kept)
        else:
            self._path.unlink(missing_ok=True)

    def _without(self, key: Path) -> list[_E]:
        return [entry for entry in self.entries() if self._form.key(entry) != key]

    def _write(self, entries: Iterable[_E]) -> None:
        document = {"version": _VERSION, "entries": [self._form.row(entry) for entry in entries]}
        replace_private(self._path, json.dumps(document, indent=1).encode("ascii"))
