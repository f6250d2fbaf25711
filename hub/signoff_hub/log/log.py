"""The log of a hub: append what was done, sign heads, prove, publish, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.log.heads import SignedHead, newest_head, sign_head
from signoff_hub.log.leaves import append_leaves, erase_opening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from signoff_collector.system.clock import Clock
    from signoff_hub.database.database import Database
    from signoff_hub.objects.interface import Objects
    from signoff_hub.place.hub_key import HubKey
    from signoff_schemas.hub_log import LogEntry


class Log:
    """One log; safe to use from any thread and from any number of nodes."""

    def __init__(
        self, database: Database, objects: Objects, key: HubKey, clock: Clock, address: str
    ) -> None:
        """Use what a node has opened.

        Args:
            database: where leaves, openings and heads are rows.
            objects: where tiles and heads are published, under `log/`.
            key: signs heads.
            clock: when a head is signed.
            address: the hub's audience, which stands in every head.
        """
        self._database = database
        self._objects = objects
        self._key = key
        self._clock = clock
        self._address = address

    def append(self, connection: Connection, entries: Sequence[LogEntry]) -> tuple[int, ...]:
        """Append entries inside a transaction of `database.write()`; returns their numbers.

        From here to the end of the transaction nobody else appends: do it last.
        """
        self._database.lock_log(connection)
        return append_leaves(connection, entries)

    def erase(self, connection: Connection, n: int) -> bool:
        """Erase what a leaf says, inside a transaction; False when it was erased before."""
        return erase_opening(connection, n)

    def sign_head(self) -> SignedHead:
        """Return the signed head of the log as it is now."""
        with self._database.write() as connection:
            self._database.lock_log(connection)
            return sign_head(connection, self._key, self._clock, self._address)

    def newest_head(self) -> SignedHead:
        """Return the newest head; the first is signed when it is asked for."""
        with self._database.read() as connection:
            found = newest_head(connection)
        return found or self.sign_head()
