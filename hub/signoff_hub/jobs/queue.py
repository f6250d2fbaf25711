"""The queue: rows that any node takes for a while, and that come back when it dies.

A job is unique by what is done to what; one that is done is gone. Who has taken it holds a lease;
when that ends without a word the job may be taken again, so all that it does has to be safe to
repeat.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, or_, select, update

from signoff_hub.database.tables import JOB
from signoff_hub.database.writing import create_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

WAITING: Final = "waiting"
RUNNING: Final = "running"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that was taken."""

    id: int
    kind: str
    subject: str
    tries: int
    """How often it was taken, this time included, and not given back."""
    worker: str
    """Who holds it."""
    fault: str | None
    """With which code it was last given back."""


def new_worker() -> str:
    """Return a name for somebody who takes jobs; of no meaning elsewhere."""
    return secrets.token_hex(16)


def put(connection: Connection, kind: str, subject: str, not_before: int = 0) -> None:
    """Have something done; a job for it that failed begins anew, one that waits is left.

    Args:
        connection: of the transaction that makes it needed.
        kind: what is done.
        subject: to what.
        not_before: seconds since 1970.
    """
    values = {
        "kind": kind,
        "subject": subject,
        "state": WAITING,
        "tries": 0,
        "not_before": not_before,
    }
    if create_row(connection, JOB, values):
        return
    ended = and_(JOB.c.kind == kind, JOB.c.subject == subject, JOB.c.state == FAILED)
    connection.execute(
        update(JOB).where(ended).values(**values, lease_until=None, worker=None, fault=None)
    )


def take(
    connection: Connection, kinds: Collection[str], *, now: int, lease_s: int, worker: str
) -> Job | None:
    """Take the job that waits longest, or one whose holder is dead; None where there is none.

    Args:
        connection: of a transaction of its own.
        kinds: what may be taken.
        now: seconds since 1970.
        lease_s: for how long it is held without a word.
        worker: who takes it.
    """
    is_free = or_(
        and_(JOB.c.state == WAITING, JOB.c.not_before <= now),
        and_(JOB.c.state == RUNNING, JOB.c.lease_until <= now),
    )
    found = connection.execute(
        select(JOB)
        .where(JOB.c.kind.in_(kinds), is_free)
        .order_by(JOB.c.not_before, JOB.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
    ).first()
    if found is None:
        return None
    connection.execute(
        update(JOB)
        .where(JOB.c.id == found.id)
        .values(state=RUNNING, tries=found.tries + 1, lease_until=now + lease_s, worker=worker)
    )
    return Job(
        id=found.id,
        kind=found.kind,
        subject=found.subject,
        tries=found.tries + 1,
        worker=worker,
        fault=found.fault,
    )


def keep(connection: Connection, job: Job, *, now: int, lease_s: int) -> bool:
    """Hold a job longer; False when another one has it by now."""
    held = update(JOB).where(_is_held(job)).values(lease_until=now + lease_s)
    return connection.execute(held).rowcount == 1


def finish(connection: Connection, job: Job) -> bool:
    """Take it off the queue; False when another one has it by now, which then decides."""
    return connection.execute(delete(JOB).where(_is_held(job))).rowcount == 1


def fail(connection: Connection, job: Job, fault: str) -> bool:
    """Note that it cannot be done; `put` lets it begin anew."""
    values = {"state": FAILED, "lease_until": None, "worker": None, "fault": fault}
    return connection.execute(update(JOB).where(_is_held(job)).values(values)).rowcount == 1


def give_back(connection: Connection, job: Job, fault: str, *, not_before: int) -> bool:
    """Let it wait for another try, which does not count as one that nobody came back from."""
    values = {
        "state": WAITING,
        "tries": JOB.c.tries - 1,
        "not_before": not_before,
        "lease_until": None,
        "worker": None,
        "fault": fault,
    }
    return connection.execute(update(JOB).where(_is_held(job)).values(values)).rowcount == 1


def _is_held(job: Job) -> ColumnElement[bool]:
    return and_(JOB.c.id == job.id, JOB.c.state == RUNNING, JOB.c.worker == job.worker)
