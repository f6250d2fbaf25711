"""The rows of one episode, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signoff_hub.database.tables import (
    BLOB,
    EPISODE,
    JOB,
    LABEL,
    LEGAL_HOLD,
    LOG_OPENING,
    PART,
    SIGN_OFF,
    TOMBSTONE,
)
from signoff_hub.jobs.queue import RUNNING, WAITING
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import parse_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

    from signoff_schemas.hub_log import LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the database holds of one episode."""

    blob: RowMapping | None
    episode: RowMapping | None
    sign_offs: tuple[RowMapping, ...]
    tombstone: RowMapping | None
    held_until: int
    waiting: frozenset[str]
    """Subjects of jobs that are still to be done."""
    parts: int
    labels: int
    openings: Mapping[int, LogEntry | None]
    """What the leaves that the rows name say; None: it cannot be read."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        singles = (self.blob, self.episode, self.tombstone)
        return len(self.sign_offs) + sum(one is not None for one in singles)


def read_rows(connection: Connection, sha256: str) -> Rows:
    """Read the rows of an episode, in a transaction of the caller."""
    sign_offs = tuple(
        connection.execute(
            select(SIGN_OFF).where(SIGN_OFF.c.episode == sha256).order_by(SIGN_OFF.c.statement)
        ).mappings()
    )
    tombstone = _first(connection, TOMBSTONE, TOMBSTONE.c.episode == sha256)
    subjects = [sha256, *(row["statement"] for row in sign_offs)]
    jobs = select(JOB.c.subject).where(
        JOB.c.subject.in_(subjects), JOB.c.state.in_((WAITING, RUNNING))
    )
    named = [row[column] for row in sign_offs for column in ("received_leaf", "leaf")]
    if tombstone is not None:
        named.append(tombstone["leaf"])
    hold = select(LEGAL_HOLD.c.until).where(LEGAL_HOLD.c.episode == sha256)
    parts = select(func.count()).select_from(PART).where(PART.c.sha256 == sha256)
    labels = select(func.count()).select_from(LABEL).where(LABEL.c.episode == sha256)
    return Rows(
        blob=_first(connection, BLOB, BLOB.c.sha256 == sha256),
        episode=_first(connection, EPISODE, EPISODE.c.sha256 == sha256),
        sign_offs=sign_offs,
        tombstone=tombstone,
        held_until=int(connection.execute(hold).scalar() or 0),
        waiting=frozenset(connection.execute(jobs).scalars()),
        parts=connection.execute(parts).scalar_one(),
        labels=connection.execute(labels).scalar_one(),
        openings=_openings(connection, [n for n in named if n is not None]),
    )


def _first(connection: Connection, table: Table, which: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(table).where(which)).mappings().first()


def _openings(connection: Connection, leaves: list[int]) -> dict[int, LogEntry | None]:
    if not leaves:
        return {}
    wanted = select(LOG_OPENING.c.n, LOG_OPENING.c.entry).where(LOG_OPENING.c.n.in_(leaves))
    found: dict[int, LogEntry | None] = {}
    for row in connection.execute(wanted):
        try:
            found[row.n] = parse_entry(bytes(row.entry))
        except DamagedError:
            found[row.n] = None
    return found
