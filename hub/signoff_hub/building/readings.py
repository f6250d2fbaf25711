"""Readings: that a version of a data set was read under a grant, on which day.

One row and one leaf of the log for each grant, version and day: who reads a data set shard by
shard leaves no finer trace than its contributors need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from signoff_hub.database.tables import DATASET_VERSION, READING
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from signoff_hub.building.grants import Held
    from signoff_hub.node.node import Node

DAY_S: Final = 86_400


def note_reading(node: Node, grant: Held, version: int) -> bool:
    """Note that something of a version is read; call it before the first byte goes out.

    Args:
        node: which hub.
        grant: under which it is read.
        version: of the grant's data set.

    Returns:
        Whether it is the first time today.

    Raises:
        HubFault: there is no such version, or it has no manifest yet.
        NetworkError: the database is away; then nothing may be read.
    """
    day = node.now() // DAY_S * DAY_S
    this = (
        READING.c.access_grant == grant.id,
        READING.c.version == version,
        READING.c.read_on == day,
    )
    with node.database.read() as connection:
        if connection.execute(select(READING.c.id).where(*this)).first() is not None:
            return False
    with node.database.write() as connection:
        manifest = connection.execute(
            select(DATASET_VERSION.c.manifest_sha256).where(
                DATASET_VERSION.c.name == grant.dataset, DATASET_VERSION.c.version == version
            )
        ).scalar()
        if manifest is None:
            raise HubFault(FaultCode.NOT_FOUND, "there is no such version of that data set")
        values = {
            "access_grant": grant.id,
            "dataset": grant.dataset,
            "version": version,
            "purpose": grant.purpose,
            "read_on": day,
            "leaf": -1,
        }
        if not create_row(connection, READING, values):  # another node was faster
            return False
        entry = log_entry(EntryKind.READ, manifest, node.moment())
        (leaf,) = node.log.append(connection, (entry,))
        connection.execute(update(READING).where(*this).values(leaf=leaf))
    return True
