"""Signed heads: what the hub says its log is, once for each size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signoff_collector.consent.signatures.sshsig import LOG
from signoff_hub.database.tables import LOG_HEAD
from signoff_hub.log.leaves import read_state
from signoff_schemas.hub_log import LogHead, encode, parse_head
from signoff_schemas.strict import format_time

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from signoff_collector.system.clock import Clock
    from signoff_hub.place.hub_key import HubKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A head and its signature, as bytes that anyone can check."""

    content: bytes
    signature: bytes

    @property
    def head(self) -> LogHead:
        """What it says."""
        return parse_head(self.content)


def sign_head(connection: Connection, key: HubKey, clock: Clock, address: str) -> SignedHead:
    """Return the head of the log as it is; signed now unless this size has one already.

    The caller holds the log's lock: two heads of one size would be two stories.
    """
    tree = read_state(connection)
    held = head_of_size(connection, tree.size)
    if held is not None:
        return held
    now = format_time(datetime.fromtimestamp(clock.wall_ns() // 1_000_000_000, UTC))
    content = encode(LogHead(receiver=address, size=tree.size, root=tree.root().hex(), on=now))
    signed = SignedHead(content=content, signature=key.sign(content, LOG))
    connection.execute(
        insert(LOG_HEAD).values(size=tree.size, content=content, signature=signed.signature)
    )
    return signed


def head_of_size(connection: Connection, size: int) -> SignedHead | None:
    """Return the head that was signed for a size, or None."""
    return _one(connection, LOG_HEAD.c.size == size)


def newest_head(connection: Connection) -> SignedHead | None:
    """Return the head of the largest size, or None while nothing was signed."""
    return _one(connection, LOG_HEAD.c.size >= 0)


def _one(connection: Connection, which: ColumnElement[bool]) -> SignedHead | None:
    row = connection.execute(
        select(LOG_HEAD.c.content, LOG_HEAD.c.signature)
        .where(which)
        .order_by(LOG_HEAD.c.size.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return SignedHead(content=bytes(row.content), signature=bytes(row.signature))
