"""Legal holds: bytes that a court or an authority wants kept, with a reason and an end.

A hold keeps bytes and nothing else: what was withdrawn is still read, built and counted by
nobody. The reason is the operator's; the log says that there was one, not what it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, insert, select, update

from signoff_hub.database.tables import EPISODE, JOB, LEGAL_HOLD, TOMBSTONE
from signoff_hub.jobs.queue import WAITING, put
from signoff_hub.withdrawing.endings import ERASE
from signoff_schemas.errors import NotFoundError, UsageError
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from signoff_hub.node.node import Node

_LONGEST_S: Final = 10 * 366 * 86_400
_REASON: Final = re.compile(r"(?=.*[^ ])[ -~]{1,200}")


def hold(node: Node, sha256: str, *, reason: str, until: int) -> None:
    """Keep an episode's bytes until a day, also when they are withdrawn or expire.

    Args:
        node: which hub.
        sha256: of the episode.
        reason: 1 to 200 printable ASCII characters; who keeps the hub can read it.
        until: seconds since 1970, at most ten years from now.

    Raises:
        UsageError: there is no reason, or no end.
        NotFoundError: nothing of this episode is here any more.
    """
    if _REASON.fullmatch(reason) is None:
        raise UsageError(
            "a legal hold needs a reason of 1 to 200 printable characters",
            hint="Write who asked for it and under which file number.",
        )
    if not node.now() < until <= node.now() + _LONGEST_S:
        raise UsageError(
            "a legal hold needs a day in the next ten years on which it ends",
            hint="Set it anew when it has to last longer.",
        )
    with node.database.write() as connection:
        node.database.lock_log(connection)
        if not _has_bytes(connection, sha256):
            raise NotFoundError("nothing of this episode is here that could be kept")
        connection.execute(delete(LEGAL_HOLD).where(LEGAL_HOLD.c.episode == sha256))
        connection.execute(insert(LEGAL_HOLD).values(episode=sha256, reason=reason, until=until))
        _log(node, connection, sha256, "hold")


def release(node: Node, sha256: str) -> bool:
    """End a hold before its day; what was to be erased is erased now. False: there is none."""
    with node.database.write() as connection:
        node.database.lock_log(connection)
        this = LEGAL_HOLD.c.episode == sha256
        if connection.execute(delete(LEGAL_HOLD).where(this)).rowcount == 0:
            return False
        _log(node, connection, sha256, "release")
        ended = select(TOMBSTONE.c.episode).where(
            TOMBSTONE.c.episode == sha256, TOMBSTONE.c.erased_at.is_(None)
        )
        if connection.execute(ended).first() is not None:
            put(connection, ERASE, sha256)
        # also that of one sign-off which ended alone
        waits = and_(JOB.c.kind == ERASE, JOB.c.subject == sha256, JOB.c.state == WAITING)
        connection.execute(update(JOB).where(waits).values(not_before=node.now()))
    node.bell.set()
    return True


def _has_bytes(connection: Connection, sha256: str) -> bool:
    found = select(EPISODE.c.sha256).where(EPISODE.c.sha256 == sha256)
    return connection.execute(found).first() is not None


def _log(node: Node, connection: Connection, sha256: str, what: str) -> None:
    entry = log_entry(EntryKind.POLICY, sha256, node.moment(), what)
    node.log.append(connection, (entry,))
