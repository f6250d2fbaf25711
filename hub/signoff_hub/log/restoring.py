"""The log's rows made again from what it published: what the leaves say in clear is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from signoff_hub.database.tables import LOG_HEAD, LOG_LEAF, LOG_STATE
from signoff_hub.log.head_checks import heads_in_objects
from signoff_hub.log.layout import HEADS
from signoff_hub.log.leaves import read_state
from signoff_hub.log.report import LogReport
from signoff_hub.log.verifying import commitments_in_bundles, verify_mirror
from signoff_schemas.errors import DamagedError
from signoff_schemas.merkle import CompactRange, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from signoff_hub.database.database import Database
    from signoff_hub.objects.interface import Objects

_AT_ONCE: Final = 4096


def restore_log(database: Database, objects: Objects, *, public_key: bytes, address: str) -> int:
    """Write the rows of the published log where there are none; return how many leaves.

    A log that began anew beside published heads would be a second story about the same sizes.
    All of it is one transaction.

    Raises:
        DamagedError: what is published is not whole, or of another hub; nothing was written.
    """
    with database.read() as connection:
        if read_state(connection).size:
            return 0
    if next(objects.names(HEADS), None) is None:
        return 0
    report = verify_mirror(objects, public_key=public_key, address=address)
    if report.faults:
        raise DamagedError(
            f"the published log is not whole: {report.faults[0].what}",
            hint="Restore log/ and keys/hub from a backup; nothing was adopted.",
        )
    with database.write() as connection:
        database.lock_log(connection)
        if read_state(connection).size or not report.leaves:
            return 0
        tree = CompactRange()
        _add(connection, tree, objects, report.leaves)
        peaks = b"".join(tree.peaks)
        state = {"id": 1, "size": tree.size, "peaks": peaks, "published": tree.size}
        connection.execute(insert(LOG_STATE).values(state))
        for head in heads_in_objects(objects, LogReport()):
            row = {"size": head.size, "content": head.content, "signature": head.signature}
            connection.execute(insert(LOG_HEAD).values(**row, published=True))
    return tree.size


def extend_log(connection: Connection, objects: Objects, size: int) -> int:
    """Append the leaves that a log published after its rows were saved; return how many.

    What they say is lost. The caller has proven that the published log begins as the rows do.

    Args:
        connection: of a transaction that writes; the rows of the log are there.
        objects: with what was published: the store, or a mirror of its log.
        size: of the newest published head.
    """
    tree = read_state(connection)
    before, is_new = tree.size, tree.size == 0
    _add(connection, tree, objects, size)
    values = {"size": tree.size, "peaks": b"".join(tree.peaks)}
    if tree.size > before and is_new:
        connection.execute(insert(LOG_STATE).values(id=1, **values))
    elif tree.size > before:
        connection.execute(update(LOG_STATE).values(values))
    known = set(connection.execute(select(LOG_HEAD.c.size)).scalars())
    for head in heads_in_objects(objects, LogReport()):
        if head.size not in known:
            row = {"size": head.size, "content": head.content, "signature": head.signature}
            connection.execute(insert(LOG_HEAD).values(**row, published=False))
    return tree.size - before


def begins_alike(commitments: Iterable[bytes], objects: Objects, size: int) -> bool:
    """Tell whether the shorter of two logs is how the longer one begins.

    Args:
        commitments: of one log, in order.
        objects: with the other one, as it was published and proven.
        size: of that one.
    """
    published = commitments_in_bundles(objects, size, LogReport())
    return all(one == other for one, other in zip(commitments, published, strict=False))


def _add(connection: Connection, tree: CompactRange, objects: Objects, size: int) -> None:
    """Append the published leaves that a tree lacks, to it and as rows."""
    rows = list[dict[str, object]]()
    have = tree.size
    for n, committed in enumerate(commitments_in_bundles(objects, size, LogReport())):
        if n < have:
            continue
        tree.add(leaf_hash(committed))
        rows.append({"n": n, "hash": committed})
        if len(rows) == _AT_ONCE:
            connection.execute(insert(LOG_LEAF), rows)
            rows.clear()
    if rows:
        connection.execute(insert(LOG_LEAF), rows)
