"""Putting the rows and objects of a proven backup where a hub works with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, text, update

from signoff_hub.backups.manifest import OBJECT_FOLDER
from signoff_hub.database.revision import make_tables, mark_restoring
from signoff_hub.database.tables import JOB, LOG_STATE
from signoff_hub.jobs.queue import RUNNING, WAITING
from signoff_hub.log.layout import HEADS
from signoff_hub.log.restoring import extend_log

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.backups.checking import Backup
    from signoff_hub.backups.shapes import Shape
    from signoff_hub.database.database import Database
    from signoff_hub.node.node import Probe
    from signoff_hub.objects.interface import Objects

TOPS: Final = (
    "blobs",
    "signoffs",
    "receipts",
    "tombstones",
    "parts",
    "plans",
    "datasets",
    "terms",
    "log",
)
"""Folders in which a hub keeps objects."""
_EARLY: Final = ("terms/", "tombstones/")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A log that was published, and proven."""

    objects: Objects
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was written."""

    rows: int
    extended: int
    """Leaves of the log that were published after the backup."""


def has_log(objects: Objects) -> bool:
    """Tell whether a store holds what a hub published: it is one that is still in use."""
    return next(objects.names(HEADS), None) is not None


def is_empty(objects: Objects) -> bool:
    """Tell whether no hub ever kept anything in a store."""
    return all(
        next(objects.names(top), None) is None and next(objects.folders(top), None) is None
        for top in TOPS
    )


def put_early(backup: Backup, objects: Objects) -> int:
    """Put what a node looks at first: terms, and the tombstones by which work has ended.

    Returns:
        How many of them were not there.

    Raises:
        NetworkError: the store is away; doing it again goes on.
        DiskFullError: there is no room.
    """
    early = (one.key for one in backup.objects() if one.key.startswith(_EARLY))
    return sum(objects.create_from(key, backup.folder / OBJECT_FOLDER / key) for key in early)


def put_rows(
    backup: Backup,
    database: Database,
    *,
    published: int | None,
    later: Published | None,
    probe: Probe,
) -> Filled:
    """Write the rows of a backup into a marked database, in one transaction.

    Args:
        backup: proven.
        database: marked with its name.
        published: size up to which the store has the log; None: it has nothing of it.
        later: a log that was published and may have grown since the backup.
        probe: called with each point at which the process may die.
    """
    count, extended = 0, 0
    with database.write() as connection:
        database.lock_tables(connection)
        make_tables(connection, backup.manifest.revision)
        for shape in backup.shapes:
            count += _fill(connection, backup, shape)
            probe("table filled")
        mark_restoring(connection, backup.name)
        held = {"state": WAITING, "lease_until": None, "worker": None}
        connection.execute(update(JOB).where(JOB.c.state == RUNNING).values(held))
        if later is not None:
            extended = extend_log(connection, later.objects, later.size)
        connection.execute(update(LOG_STATE).values(published=published or 0))
        probe("rows written")
    return Filled(rows=count, extended=extended)


def _fill(connection: Connection, backup: Backup, shape: Shape) -> int:
    wanted = insert(shape.target())
    batch: list[dict[str, object]] = []
    count, last = 0, 0
    for row in backup.rows(shape):
        batch.append(row)
        count += 1
        number = row.get("id")
        last = max(last, number) if shape.counts_up and isinstance(number, int) else last
        if len(batch) == _AT_ONCE:
            connection.execute(wanted, batch)
            batch = []
    if batch:
        connection.execute(wanted, batch)
    if last and connection.dialect.name == "postgresql":  # SQLite goes on from the largest
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
            {"name": shape.name, "last": last},
        )
    return count
