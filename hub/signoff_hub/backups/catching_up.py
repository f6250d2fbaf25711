"""After the rows came back: what ended since ends again, and only then bytes come back.

It is known from the store, where that is still there (its tombstones, and what is missing in it),
from pages of the feed, and from the clock. What was lost by accident is brought back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_collector.consent.withdrawal import MAX_TOMBSTONE_BYTES
from signoff_collector.upload.stores.layout import (
    TOMBSTONES,
    blob_key,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.admitting.admission import refuse
from signoff_hub.admitting.receipts import publish_receipt, receipt_key
from signoff_hub.adopting.adopting import Adopted, adopt
from signoff_hub.adopting.tombstones import adopt_tombstone
from signoff_hub.backups.bringing_back import bring_back
from signoff_hub.backups.kept import needed_objects
from signoff_hub.backups.unknown import end_unknown_versions, erase_unknown
from signoff_hub.database.tables import SIGN_OFF, TOMBSTONE
from signoff_hub.jobs.queue import put
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import SignOffIs
from signoff_hub.verifying.held import read_held
from signoff_hub.withdrawing.endings import (
    ERASE,
    HOLDING,
    end_episode,
    end_sign_off,
    rows_of,
)
from signoff_hub.withdrawing.proofs import read_tombstone, taken_back
from signoff_hub.withdrawing.sweeping import sweep
from signoff_schemas.errors import RefusedError
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Row

    from signoff_hub.backups.checking import Backup
    from signoff_hub.node.node import Node
    from signoff_hub.objects.interface import Objects
    from signoff_schemas.hub_feed import EndedEpisode

    Tell = Callable[[int, int], None]

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is known of the time after the backup, besides the store."""

    told: Sequence[EndedEpisode] = ()
    """By pages of the feed, which the hub signed."""
    mirror: Objects | None = None
    """What is left of its store: tombstones there are believed as far as they prove themselves."""
    has_survived: bool = False
    """Whether the store is that of the hub as it was last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What was done."""

    ended: int
    """Episodes and sign-offs that were taken back or refused after the backup."""
    expired: int
    brought_back: int
    """Objects that the store did not have, besides those that a node looks at first."""
    adopted: int
    """Sign-offs that came after the backup, and lie in the store."""
    unknown: int
    """Objects and data sets that no row knows; they are erased."""


def catch_up(node: Node, backup: Backup, since: Since, tell: Tell) -> CaughtUp:
    """Do again what was done after the backup, and bring back what was not.

    Args:
        node: of a hub that nobody else works with; its rows are those of the backup.
        backup: proven.
        since: what else is known.
        tell: called with how many of how many objects are looked at.

    Raises:
        NetworkError: database or store are away; doing it all again is safe.
    """
    expired = sweep(node).expired
    ended = sum(_end_told(node, one) for one in since.told)
    if since.mirror is not None:
        ended += _end_by_all(node, since.mirror)
    ended += _end_by_all(node, node.objects)
    if since.has_survived:
        ended += _end_what_is_gone(node)
    node.probe("ended again")
    brought_back = bring_back(node, backup, tell)
    ended += _end_what_is_gone(node)  # while the backup was made
    node.probe("brought back")
    adopted = adopt(node) if since.has_survived else Adopted()
    unknown = erase_unknown(node) + end_unknown_versions(node)
    node.probe("unknown erased")
    expired += sweep(node).expired
    return CaughtUp(
        ended=ended,
        expired=expired,
        brought_back=brought_back,
        adopted=adopted.adopted,
        unknown=unknown,
    )


def _end_by_all(node: Node, objects: Objects) -> int:
    return sum(_end_by(node, objects, sha256) for sha256 in _with_tombstone(node, objects))


def _with_tombstone(node: Node, objects: Objects) -> Iterator[str]:
    """Yield the episodes whose tombstone lies in a store and is no row."""
    for prefix in objects.folders(TOMBSTONES):
        names = [name.removesuffix(".json") for name in objects.names(f"{TOMBSTONES}/{prefix}")]
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            with node.database.read() as connection:
                known = select(TOMBSTONE.c.episode).where(TOMBSTONE.c.episode.in_(some))
                has_row = frozenset(connection.execute(known).scalars())
            yield from (one for one in some if one not in has_row)


def _end_by(node: Node, objects: Objects, sha256: str) -> bool:
    """End an episode by a tombstone of a store; False where it proves nothing about it."""
    try:
        content = objects.read(tombstone_key(sha256), max_bytes=MAX_TOMBSTONE_BYTES)
    except RefusedError:
        return False
    is_own = objects is node.objects and read_held(objects, sha256).is_empty
    return content is not None and _end(node, sha256, content, is_believed=is_own)


def _end_told(node: Node, one: EndedEpisode) -> bool:
    if one.tombstone is not None:
        content = one.tombstone.encode("ascii", "replace")
        return _end(node, one.sha256, content, is_believed=True)
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = rows_of(connection, one.sha256)
        return bool(rows) and end_episode(node, connection, rows[0], "expired", b"")


def _end(node: Node, sha256: str, content: bytes, *, is_believed: bool) -> bool:
    """End an episode by a tombstone; False: it had ended before, or that proves nothing.

    Args:
        node: which hub.
        sha256: of the episode.
        content: the tombstone.
        is_believed: whether the hub itself says that it ended by this one: the sign-off that it
            takes back may have come after the backup.
    """
    try:
        tombstone = read_tombstone(content)
    except HubFault:
        return False
    if tombstone.sha256 != sha256:
        return False
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = rows_of(connection, sha256)
        row = taken_back(tombstone, rows)
        if row is None and rows and is_believed:
            row = replace(rows[0], record=tombstone.record_id, handle=tombstone.handle)
        if rows:
            return row is not None and end_episode(node, connection, row, "withdrawn", content)
    return is_believed and adopt_tombstone(node, sha256, ())


def _end_what_is_gone(node: Node) -> int:
    """End what was refused, or taken back while its episode stays; write missing receipts.

    Nothing else erases a statement and leaves the bytes, or the bytes of what was only received.
    All else that is missing was lost.
    """
    count = 0
    for row in _holding(node):
        keys = needed_objects(row.episode, row.statement)
        missing = [key for key in keys if node.objects.size(key) is None]
        if missing and row.state == SignOffIs.RECEIVED:
            refuse(node, row.statement, FaultCode.NO_BLOB)
            count += 1
        elif missing:
            count += _end_alone(node, row.episode, row.statement)
        elif row.leaf is not None and (
            node.objects.size(receipt_key(row.episode, row.statement)) is None
        ):
            publish_receipt(node, row.statement)
    return count


def _holding(node: Node) -> Iterator[Row[str, str, str, int | None]]:
    after = ""
    while True:
        wanted = (
            select(SIGN_OFF.c.statement, SIGN_OFF.c.episode, SIGN_OFF.c.state, SIGN_OFF.c.leaf)
            .where(SIGN_OFF.c.state.in_(HOLDING), SIGN_OFF.c.statement > after)
            .order_by(SIGN_OFF.c.statement)
            .limit(_AT_ONCE)
        )
        with node.database.read() as connection:
            rows = connection.execute(wanted).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].statement


def _end_alone(node: Node, sha256: str, statement: str) -> bool:
    """End a sign-off whose statement is gone while bytes and another statement are there."""
    names = frozenset(node.objects.names(sign_off_folder(sha256)))
    if f"{statement}.json" in names or node.objects.size(blob_key(sha256)) is None:
        return False
    with node.database.write() as connection:
        node.database.lock_log(connection)
        rows = [one for one in rows_of(connection, sha256) if one.state in HOLDING]
        mine = next((one for one in rows if one.statement == statement), None)
        if mine is None or not any(f"{one.statement}.json" in names for one in rows):
            return False
        end_sign_off(connection, mine, SignOffIs.WITHDRAWN, node.now())
        node.log.append(connection, (log_entry(EntryKind.WITHDRAWN, statement, node.moment()),))
        put(connection, ERASE, sha256)
    return True
