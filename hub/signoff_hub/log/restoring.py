"""The log's rows made again from what it published: what the leaves say in clear is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert

from signoff_hub.database.tables import LOG_HEAD, LOG_LEAF, LOG_STATE
from signoff_hub.log.head_checks import heads_in_objects
from signoff_hub.log.layout import HEADS
from signoff_hub.log.leaves import read_state
from signoff_hub.log.report import LogReport
from signoff_hub.log.verifying import commitments_in_bundles, verify_mirror
from signoff_schemas.errors import DamagedError
from signoff_schemas.merkle import CompactRange, leaf_hash

if TYPE_CHECKING:
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
        tree, rows = CompactRange(), list[dict[str, object]]()
        for n, committed in enumerate(commitments_in_bundles(objects, report.leaves, report)):
            tree.add(leaf_hash(committed))
            rows.append({"n": n, "hash": committed})
            if len(rows) == _AT_ONCE:
                connection.execute(insert(LOG_LEAF), rows)
                rows.clear()
        if rows:
            connection.execute(insert(LOG_LEAF), rows)
        peaks = b"".join(tree.peaks)
        state = {"id": 1, "size": tree.size, "peaks": peaks, "published": tree.size}
        connection.execute(insert(LOG_STATE).values(state))
        for head in heads_in_objects(objects, LogReport()):
            row = {"size": head.size, "content": head.content, "signature": head.signature}
            connection.execute(insert(LOG_HEAD).values(**row, published=True))
    return tree.size
