"""Bytes that come in parts, so that a cut costs one part: kept as objects until they are whole.

Parts are of one sender: nobody can add to another's. Any node may take any of them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, delete, func, select

from signoff_hub.database.tables import PART
from signoff_hub.database.writing import create_row
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.blobs import receive_blob, refuse_size

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ColumnElement

    from signoff_hub.node.node import Node

PART_BYTES: Final = 8 << 20
MAX_PARTS: Final = 64
"""Of 8 MiB each: as large as an episode may be."""
_KEPT_S: Final = 86_400
_LEAST_COUNTED: Final = 64 << 10
"""What a part counts at least: else a quota of bytes would not bound how many there are."""


def receive_part(node: Node, account: str, sha256: str, n: int, path: Path) -> bool:
    """Keep one part; False when it was here already.

    Raises:
        HubFault: it is too large, or too much is here of this sender.
        NetworkError: database or store are away.
        DiskFullError: there is no room.
    """
    size = path.stat().st_size
    with node.database.read() as connection:
        counted = case(
            (PART.c.size_bytes < _LEAST_COUNTED, _LEAST_COUNTED), else_=PART.c.size_bytes
        )
        held = select(func.sum(counted)).where(PART.c.account == account)
        refuse_size(node, account, size + int(connection.execute(held).scalar() or 0))
    is_new = node.objects.create_from(_key(account, sha256, n), path)
    row = {
        "sha256": sha256,
        "account": account,
        "n": n,
        "size_bytes": size,
        "received_at": node.now(),
    }
    with node.database.write() as connection:
        create_row(connection, PART, row)
    return is_new


def parts_of(node: Node, account: str, sha256: str) -> tuple[int, ...]:
    """Return which parts of some bytes are here of a sender, in order."""
    with node.database.read() as connection:
        found = connection.execute(
            select(PART.c.n).where(_is(account, sha256)).order_by(PART.c.n)
        ).scalars()
        return tuple(found)


def complete(node: Node, account: str, sha256: str, size_bytes: int, path: Path) -> bool:
    """Make whole what came in parts; False when it was here already.

    Args:
        node: which hub.
        account: who sent them.
        sha256: of all together.
        size_bytes: of all together.
        path: of a file that is not there, for putting them together; the caller erases it.

    Raises:
        HubFault: a part is missing, or they are not these bytes.
        NetworkError: database or store are away.
        DiskFullError: there is no room.
    """
    refuse_size(node, account, size_bytes)
    count = -(-size_bytes // PART_BYTES)
    if parts_of(node, account, sha256) != tuple(range(count)):
        raise HubFault(
            FaultCode.NO_BLOB, "some of the parts are not here", hint="Send those that are missing."
        )
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for n in range(count):
            for piece in node.objects.pieces(_key(account, sha256, n)) or ():
                digest.update(piece)
                file.write(piece)
                size += len(piece)
    if (digest.hexdigest(), size) != (sha256, size_bytes):
        forget_parts(node, account, sha256)
        raise HubFault(
            FaultCode.DIGEST_MISMATCH,
            "the parts together are other bytes than was said; they are gone",
            hint="Send all parts again.",
        )
    is_new = receive_blob(node, account, sha256, path)
    forget_parts(node, account, sha256)
    return is_new


def forget_parts(node: Node, account: str, sha256: str) -> None:
    """Erase the parts of a sender; the rows last, so that what a kill left is found again."""
    for n in parts_of(node, account, sha256):
        node.objects.remove(_key(account, sha256, n))
    with node.database.write() as connection:
        connection.execute(delete(PART).where(_is(account, sha256)))


def forget_old_parts(node: Node) -> int:
    """Erase what nobody made whole within a day; return of how many episodes."""
    with node.database.read() as connection:
        newest = func.max(PART.c.received_at)
        old = connection.execute(
            select(PART.c.account, PART.c.sha256)
            .group_by(PART.c.account, PART.c.sha256)
            .having(newest <= node.now() - _KEPT_S)
        ).all()
    for account, sha256 in old:
        forget_parts(node, account, sha256)
    return len(old)


def _is(account: str, sha256: str) -> ColumnElement[bool]:
    return (PART.c.sha256 == sha256) & (PART.c.account == account)


def _key(account: str, sha256: str, n: int) -> str:
    return f"parts/{sha256[:2]}/{sha256}/{account}/{n:04d}"
