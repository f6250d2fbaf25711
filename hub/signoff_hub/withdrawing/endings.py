"""How a sign-off ends, in a transaction of its caller: taken back, or over.

From that transaction on nothing of the episode is read, built or counted; the bytes go later
(`erasure`). An episode whose first signer ends it is gone as a whole. Somebody else who signed the
same bytes, as who read them in a data set could, takes back their own sign-off and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import delete, select, update

from signoff_hub.database.tables import EPISODE, LEGAL_HOLD, SIGN_OFF, TOMBSTONE
from signoff_hub.database.writing import create_row
from signoff_hub.jobs.queue import put
from signoff_hub.receiving.in_datasets import end_in_datasets
from signoff_hub.receiving.states import LIVE, SignOffIs
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from signoff_hub.node.node import Node

ERASE: Final = "erase"
"""The job that an ended episode waits for; its subject is the digest."""
HOLDING: Final = (*LIVE, SignOffIs.SUPERSEDED)
"""States of sign-offs that hold bytes here."""
ENDED: Final = (SignOffIs.WITHDRAWN, SignOffIs.EXPIRED)
"""States of sign-offs that are taken back, or over."""
Because = Literal["withdrawn", "expired"]
"""Why an episode ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRow:
    """What is asked of a sign-off that may end."""

    statement: str
    episode: str
    record: str
    handle: str
    fingerprint: str
    account: str
    state: str
    ended_at: int | None


def rows_of(connection: Connection, sha256: str) -> tuple[SignedRow, ...]:
    """Return the sign-offs of an episode, the first that came first."""
    columns = (
        SIGN_OFF.c.statement,
        SIGN_OFF.c.episode,
        SIGN_OFF.c.record,
        SIGN_OFF.c.handle,
        SIGN_OFF.c.fingerprint,
        SIGN_OFF.c.account,
        SIGN_OFF.c.state,
        SIGN_OFF.c.ended_at,
    )
    found = connection.execute(
        select(*columns)
        .where(SIGN_OFF.c.episode == sha256)
        .order_by(SIGN_OFF.c.received_leaf, SIGN_OFF.c.statement)
    )
    return tuple(SignedRow(**row) for row in found.mappings())


def ends_alone(rows: Sequence[SignedRow], row: SignedRow) -> bool:
    """Tell whether the end of one sign-off leaves the episode to somebody else's."""
    others = any(one.state in HOLDING and one.statement != row.statement for one in rows)
    return others and not is_first_signer(rows, row.account)


def is_first_signer(rows: Sequence[SignedRow], account: str) -> bool:
    """Tell whether an account has the episode: the first one whose sign-off was not refused."""
    kept = [one for one in rows if one.state != SignOffIs.REFUSED]
    return not kept or kept[0].account == account


def end_sign_off(connection: Connection, row: SignedRow, state: SignOffIs, now: int) -> None:
    """End one sign-off; its statement goes with the next erasure of the episode."""
    end_in_datasets(connection, row.episode, row.statement)
    connection.execute(
        update(SIGN_OFF)
        .where(SIGN_OFF.c.statement == row.statement)
        .values(state=state, ended_at=now)
    )


def end_episode(
    node: Node, connection: Connection, row: SignedRow, because: Because, content: bytes
) -> bool:
    """End an episode with all of its sign-offs; False when that was done before.

    Args:
        node: which hub.
        connection: of a transaction that writes and holds the lock of the log.
        row: the sign-off whose end it is.
        because: why.
        content: the tombstone's exact bytes; empty where no person made one.
    """
    now, sha256 = node.now(), row.episode
    at = datetime.fromtimestamp(now, UTC)  # the row's own time: who verifies compares them
    state, kind = SignOffIs(because), EntryKind(because)
    values = {
        "episode": sha256,
        "record": row.record,
        "handle": row.handle,
        "withdrawn_at": now,
        "because": because,
        "kept_versions": False,
        "content": content,
        "leaf": -1,
    }
    if not create_row(connection, TOMBSTONE, values):
        return False
    (leaf,) = node.log.append(connection, (log_entry(kind, sha256, at),))
    this = TOMBSTONE.c.episode == sha256
    connection.execute(update(TOMBSTONE).where(this).values(leaf=leaf))
    connection.execute(
        update(SIGN_OFF)
        .where(SIGN_OFF.c.episode == sha256, SIGN_OFF.c.state.in_(HOLDING))
        .values(state=state, ended_at=now)
    )
    connection.execute(update(EPISODE).where(EPISODE.c.sha256 == sha256).values(state=state))
    end_in_datasets(connection, sha256)
    put(connection, ERASE, sha256, not_before=held_until(connection, sha256, now))
    return True


def held_until(connection: Connection, sha256: str, now: int) -> int:
    """Return when an episode's bytes may go, or 0 where nothing holds them; forgets old holds."""
    this = LEGAL_HOLD.c.episode == sha256
    until = connection.execute(select(LEGAL_HOLD.c.until).where(this)).scalar()
    if until is not None and until <= now:
        connection.execute(delete(LEGAL_HOLD).where(this, LEGAL_HOLD.c.until <= now))
        return 0
    return int(until or 0)
