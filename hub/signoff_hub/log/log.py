"""The log of a hub: append what was done, sign heads, prove, publish, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_hub.log.heads import SignedHead, head_of_size, newest_head, sign_head
from signoff_hub.log.layout import parse_head_key, parse_tile_key
from signoff_hub.log.leaves import (
    append_leaves,
    erase_opening,
    note_published,
    read_commitments,
    read_opening,
    read_openings,
    read_published,
    read_state,
)
from signoff_hub.log.nodes import Nodes, TileCache
from signoff_hub.log.publishing import publish_head
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.hub_log import (
    ConsistencyProof,
    InclusionProof,
    encode,
    encode_path,
)
from signoff_schemas.merkle import consistency_path, inclusion_path, tree_root

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
        self._cache = TileCache()

    def append(self, connection: Connection, entries: Sequence[LogEntry]) -> tuple[int, ...]:
        """Append entries inside a transaction of `database.write()`; returns their numbers.

        From here to the end of the transaction nobody else appends: do it last.
        """
        self._database.lock_log(connection)
        return append_leaves(connection, entries)

    def has_lost(self, connection: Connection, n: int | None) -> bool:
        """Tell whether a leaf is there, and what it says is not: erased, or lost with its rows."""
        is_there = n is not None and n < read_state(connection).size
        return is_there and n is not None and read_opening(connection, n) is None

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

    def proof_of(self, n: int, size: int | None = None, *, is_open: bool = True) -> str:
        """Return the proof that a leaf is in the log, as JSON text.

        Args:
            n: the leaf's number.
            size: of the signed head to prove it for; None: the newest that has the leaf.
            is_open: whether it holds what the leaf says: for those whom that concerns, and for
                auditors. Everyone else may have the rest.

        Raises:
            HubFault: there is no such leaf or head, or the opening was erased.
            DamagedError: rows or tiles are not those of the tree.
        """
        signed = self._head_with(n, size)
        with self._database.read() as connection:
            opening = read_opening(connection, n) if is_open else None
            if is_open and opening is None:
                raise HubFault(FaultCode.NOT_FOUND, f"what leaf {n} says was erased")
            committed = None if opening else read_commitments(connection, n, 1)[0].hex()
            nodes = self._nodes(connection)
            return _proof(nodes, signed, n, opening=opening, committed=committed)

    def proofs_of(self, ns: Sequence[int]) -> dict[int, str]:
        """Return the opened proofs of many leaves for one head, by the leaf's number.

        What a leaf says may have been erased; there is no proof of such a one.

        Raises:
            HubFault: the log never had one of the leaves.
            DamagedError: rows or tiles are not those of the tree.
        """
        if not ns:
            return {}
        signed = self._head_with(max(ns), None)
        with self._database.read() as connection:
            nodes = self._nodes(connection)
            return {
                n: _proof(nodes, signed, n, opening=opening, committed=None)
                for n, opening in read_openings(connection, ns).items()
            }

    def consistency(self, first: int, second: int) -> str:
        """Return the proof that the log only grew between two sizes, as JSON text.

        Raises:
            HubFault: the log never had these sizes, in this order.
            DamagedError: rows or tiles are not those of the tree.
        """
        with self._database.read() as connection:
            size = read_state(connection).size
            if not 0 < first <= second <= size:
                raise HubFault(FaultCode.NOT_FOUND, f"the log has {size} leaves")
            path = consistency_path(first, second, self._nodes(connection).read)
        proof = ConsistencyProof(first=first, second=second, path=encode_path(path))
        return encode(proof).decode("ascii")

    def root_of(self, size: int) -> bytes:
        """Return the root that the log has, or had, at a size.

        Raises:
            HubFault: the log never had that size.
            DamagedError: rows or tiles are not those of the tree.
        """
        with self._database.read() as connection:
            now = read_state(connection).size
            if not 0 < size <= now:
                raise HubFault(FaultCode.NOT_FOUND, f"the log has {now} leaves")
            return tree_root(size, self._nodes(connection).read)

    def publish(self) -> SignedHead:
        """Sign the log as it is and publish head and tiles; safe to kill and to repeat.

        Raises:
            DamagedError: rows or objects are not those of the tree; nothing is published then.
        """
        signed = self.sign_head()
        size = signed.head.size
        with self._database.read() as connection:
            since = read_published(connection)
            if size > since:
                nodes = self._nodes(connection)
                publish_head(connection, self._objects, nodes, signed, since=since)
        if size > since:
            with self._database.write() as connection:
                self._database.lock_log(connection)
                note_published(connection, size)
        return signed

    def published(self, path: str) -> bytes:
        """Return a published object by its path under `log/`: a tile, a bundle, a head.

        Raises:
            HubFault: the path names none, or it is not there.
        """
        key = f"log/{path}"
        is_named = parse_tile_key(key) is not None or parse_head_key(key) is not None
        found = self._objects.read(key, max_bytes=1 << 14) if is_named else None
        if found is None:
            raise HubFault(FaultCode.NOT_FOUND, "the log has published no such tile or head")
        return found

    def _nodes(self, connection: Connection) -> Nodes:
        return Nodes(connection, self._objects, read_published(connection), self._cache)

    def _head_with(self, n: int, size: int | None) -> SignedHead:
        with self._database.read() as connection:
            total = read_state(connection).size
            found = newest_head(connection) if size is None else head_of_size(connection, size)
        if not 0 <= n < min(total, total if size is None else size):
            raise HubFault(FaultCode.NOT_FOUND, f"there is no leaf {n} in this log")
        if size is not None and found is None:
            raise HubFault(FaultCode.NOT_FOUND, f"no head was signed for {size} leaves")
        return found if found is not None and n < found.head.size else self.sign_head()


def _proof(
    nodes: Nodes,
    signed: SignedHead,
    n: int,
    *,
    opening: tuple[bytes, bytes] | None,
    committed: str | None,
) -> str:
    """Return a proof, with the opening or with the commitment alone."""
    proof = InclusionProof(
        leaf=n,
        salt=opening[0].hex() if opening else None,
        entry=opening[1].decode("ascii") if opening else None,
        commitment=committed,
        path=encode_path(inclusion_path(n, signed.head.size, nodes.read)),
        head=signed.content.decode("ascii"),
        signature=signed.signature.decode("ascii"),
    )
    return encode(proof).decode("ascii")
