"""A log with a real database and a real key, and objects in memory for quick property tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.clock import FakeClock

from signoff_hub.database.database import Database
from signoff_hub.database.tables import METADATA
from signoff_hub.log.log import Log
from signoff_hub.objects.interface import Removed
from signoff_hub.place.hub_key import HubKey
from signoff_schemas.errors import RefusedError
from signoff_schemas.hub_log import EntryKind, LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_hub.objects.interface import Objects

ADDRESS = "https://hub.example"
STARTED = datetime(2026, 11, 25, 9, 8, 7, tzinfo=UTC)
KINDS = tuple(kind for kind in EntryKind if kind is not EntryKind.READ)


@dataclass
class MemoryObjects:
    """Write-once bytes by key, as `Objects` has them."""

    held: dict[str, bytes] = field(default_factory=dict)

    def probe(self) -> None:
        """Nothing to find out."""

    def create(self, key: str, content: bytes) -> bool:
        if key in self.held:
            return False
        self.held[key] = content
        return True

    def create_from(self, key: str, path: Path) -> bool:
        return self.create(key, path.read_bytes())

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        found = self.held.get(key)
        if found is not None and len(found) > max_bytes:
            raise RefusedError("too large")
        return found

    def copy_to(self, key: str, path: Path) -> bool:
        if key in self.held:
            path.write_bytes(self.held[key])
        return key in self.held

    def pieces(self, key: str) -> Iterator[bytes] | None:
        return iter((self.held[key],)) if key in self.held else None

    def size(self, key: str) -> int | None:
        return len(self.held[key]) if key in self.held else None

    def names(self, folder: str, *, with_hidden: bool = False) -> Iterator[str]:
        del with_hidden
        rest = (key[len(folder) + 1 :] for key in self.held if key.startswith(f"{folder}/"))
        yield from sorted(one for one in rest if "/" not in one)

    def folders(self, folder: str) -> Iterator[str]:
        rest = (key[len(folder) + 1 :] for key in self.held if key.startswith(f"{folder}/"))
        yield from sorted({one.split("/")[0] for one in rest if "/" in one})

    def remove(self, key: str) -> Removed:
        return Removed(was_there=self.held.pop(key, None) is not None)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class LogPlace:
    """A log and what it stands on."""

    log: Log
    database: Database
    objects: Objects
    key: HubKey
    clock: FakeClock

    def append(self, count: int, first: int = 0) -> None:
        """Append entries in one transaction."""
        with self.database.write() as connection:
            self.log.append(connection, [entry_of(first + number) for number in range(count)])


def opened_log(
    folder: Path, objects: Objects | None = None, *, url: str | None = None, seed: int = 7
) -> LogPlace:
    """Open a log in a folder; its key is made from the seed."""
    database = Database(url or f"sqlite:///{folder / 'hub.sqlite'}")
    METADATA.create_all(database.engine)
    key = HubKey(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
    clock = FakeClock(wall_ns=int(STARTED.timestamp()) * 10**9)
    objects = objects if objects is not None else MemoryObjects()
    log = Log(database, objects, key, clock, ADDRESS)
    return LogPlace(log=log, database=database, objects=objects, key=key, clock=clock)


def entry_of(number: int) -> LogEntry:
    """Return one entry of many, the same for the same number."""
    return LogEntry(
        kind=KINDS[number % len(KINDS)], subject=f"{number:064x}", on="2026-11-25T09:08:07Z"
    )
