"""Bytes that came, signed or not yet: each has a row, which counts against its sender's quota.

The row is written first, so that no bytes lie here that nobody answers for; after a crash there
may be a row without bytes, and the sender sends again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, exists, func, literal_column, select

from signoff_collector.upload.stores.layout import blob_key
from signoff_hub.database.tables import BLOB, TOMBSTONE
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.standing import is_any_admitted, withdrawn
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from signoff_hub.node.node import Node

# built once: building a statement costs more than to run it
_KNOWN: Final = select(
    exists(literal_column("1"))
    .where(TOMBSTONE.c.episode == bindparam("name"))
    .label("is_withdrawn"),
    exists(literal_column("1")).where(BLOB.c.sha256 == bindparam("name")).label("is_known"),
)
_HELD: Final = select(
    func.count().label("episodes"), func.sum(BLOB.c.size_bytes).label("size")
).where(BLOB.c.account == bindparam("who"))
_LOCK: Final = select(BLOB.c.size_bytes).where(BLOB.c.sha256 == bindparam("name")).with_for_update()


def has_blob(node: Node, sha256: str) -> bool:
    """Tell whether a sign-off of these bytes could come now.

    Raises:
        HubFault: they were withdrawn.
        NetworkError: database or store are away.
    """
    with node.database.read() as connection:
        is_known = _is_known(connection, sha256)
    return is_known and node.objects.size(blob_key(sha256)) is not None


def refuse_size(node: Node, account: str, size_bytes: int) -> bool:
    """Refuse bytes that are too many, before they are read.

    Returns:
        Whether anything of this account was ever admitted here and is kept.

    Raises:
        HubFault: too many for an episode, or for what this account may have here unsigned, in
            bytes or in number.
        NetworkError: the database is away.
    """
    with node.database.read() as connection:
        _refuse_size(node, connection, account, size_bytes)
        return is_any_admitted(connection, account)


def receive_blob(node: Node, account: str, sha256: str, path: Path) -> bool:
    """Keep bytes that came; False when they were here already.

    Args:
        node: which hub.
        account: who sent them.
        sha256: of the bytes, as they were hashed when they came.
        path: a file that holds them and that nobody changes.

    Raises:
        HubFault: too large, beyond the quota, or withdrawn.
        NetworkError: database or store are away; nothing counts against the quota.
        DiskFullError: there is no room.
    """
    size = path.stat().st_size
    with node.database.write() as connection:
        if is_first := not _is_known(connection, sha256):
            _refuse_size(node, connection, account, size)
            is_first = _reserve(node, connection, account, sha256, size)
    node.probe("blob reserved")
    try:
        is_new = node.objects.create_from(blob_key(sha256), path)
    except SignoffError:
        if is_first:
            _give_up(node, sha256)
        raise
    node.probe("blob created")
    _settle(node, account, sha256, size)
    return is_new


def lock_blob(connection: Connection, sha256: str) -> bool:
    """Hold the row of some bytes, so that they are not erased meanwhile; False: there is none."""
    return connection.execute(_LOCK, {"name": sha256}).first() is not None


def erase_blob(node: Node, connection: Connection, sha256: str) -> None:
    """Erase bytes whose row this transaction holds, and the row."""
    node.objects.remove(blob_key(sha256))
    connection.execute(delete(BLOB).where(BLOB.c.sha256 == sha256))


def _settle(node: Node, account: str, sha256: str, size: int) -> None:
    """Make sure that what was created has its row, and was not withdrawn meanwhile."""
    try:
        with node.database.read() as connection:
            is_whole = _is_known(connection, sha256)
        if not is_whole:  # it was erased as refused while these bytes came again
            with node.database.write() as connection:
                _is_known(connection, sha256)
                _reserve(node, connection, account, sha256, size)
    except HubFault:
        node.objects.remove(blob_key(sha256))
        raise


def _give_up(node: Node, sha256: str) -> None:
    """Take a reservation back, unless the bytes came by another way."""
    try:
        with node.database.write() as connection:
            if lock_blob(connection, sha256) and node.objects.size(blob_key(sha256)) is None:
                connection.execute(delete(BLOB).where(BLOB.c.sha256 == sha256))
    except SignoffError:
        return  # the row stays until the bytes come or the sweep finds it


def _refuse_size(node: Node, connection: Connection, account: str, size_bytes: int) -> None:
    if size_bytes > node.settings.max_episode_bytes:
        raise HubFault(
            FaultCode.TOO_LARGE,
            f"an episode has at most {node.settings.max_episode_bytes} bytes here",
            hint="Keep fewer tasks of it: `signoff review`.",
        )
    held = connection.execute(_HELD, {"who": account}).one()
    settings = node.settings
    if (held.size or 0) + size_bytes > settings.unsigned_bytes_per_key:
        raise _beyond_quota("too much that you sent is not admitted yet")
    if held.episodes >= settings.unsigned_episodes_per_key:
        raise _beyond_quota("too many episodes that you sent are not admitted yet")


def _beyond_quota(detail: str) -> HubFault:
    return HubFault(
        FaultCode.QUOTA, detail, hint="Wait until what you signed is admitted, then send on."
    )


def _is_known(connection: Connection, sha256: str) -> bool:
    """Tell whether some bytes have a row.

    Raises:
        HubFault: they were withdrawn.
    """
    found = connection.execute(_KNOWN, {"name": sha256}).one()
    if found.is_withdrawn:
        raise withdrawn()
    return bool(found.is_known)


def _reserve(node: Node, connection: Connection, account: str, sha256: str, size: int) -> bool:
    values = {
        "sha256": sha256,
        "size_bytes": size,
        "account": account,
        "received_at": node.now(),
    }
    return create_row(connection, BLOB, values)
