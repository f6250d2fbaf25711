"""The queue: rows that any node takes for a while, and that come back when it dies.

A job is unique by what is done to what; one that is done is gone. One that is asked for while
somebody is at it is done once more: they may have looked before there was a reason. Who has taken
it holds a lease; when that ends without a word the job may be taken again, so all that it does has
to be safe to repeat.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, or_, select, update

from signoff_hub.database.tables import JOB
from signoff_hub.database.writing import create_row

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection

WAITING: Final = "waiting"
RUNNING: Final = "running"
FAILED: Final = "failed"
_AGAIN: Final = "asked_again"
"""The code of a job at work that has to be done once more."""
_ANEW: Final[Mapping[str, object]] = {
    "state": WAITING,
    "tries": 0,
    "not_before": 0,
    "lease_until": None,
    "worker": None,
    "fault": None,
}
"""A job that nobody has begun."""


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

    One that is at work is done once more as soon as it ends, whatever `not_before` says. Until the
    transaction ends nobody takes or ends it.

    Args:
        connection: of the transaction that makes it needed.
        kind: what is done.
        subject: to what.
        not_before: seconds since 1970.
    """
    this = and_(JOB.c.kind == kind, JOB.c.subject == subject)
    anew = {**_ANEW, "not_before": not_before}
    while not create_row(connection, JOB, {"kind": kind, "subject": subject, **anew}):
        state = connection.execute(select(JOB.c.state).where(this).with_for_update()).scalar()
        if state is None:
            continue  # it was just done
        if state != WAITING:
            values = {"fault": _AGAIN} if state == RUNNING else anew
            connection.execute(update(JOB).where(this).values(values))
        return


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
    fault = None if found.fault == _AGAIN else found.fault
    held = {"tries": found.tries + 1, "lease_until": now + lease_s, "worker": worker}
    held |= {"state": RUNNING, "fault": fault}
    connection.execute(update(JOB).where(JOB.c.id == found.id).values(held))
    return Job(
        id=found.id,
        kind=found.kind,
        subject=found.subject,
        tries=found.tries + 1,
        worker=worker,
        fault=fault,
    )


def keep(connection: Connection, job: Job, *, now: int, lease_s: int) -> bool:
    """Hold a job longer; False when another one has it by now."""
    held = update(JOB).where(_is_held(job)).values(lease_until=now + lease_s)
    return connection.execute(held).rowcount == 1


def finish(connection: Connection, job: Job) -> bool:
    """Take it off the queue, unless it was asked for again meanwhile: then it begins anew.

    False when another one has it by now, which then decides.
    """
    done = and_(_is_held(job), JOB.c.fault.is_distinct_from(_AGAIN))
    return connection.execute(delete(JOB).where(done)).rowcount == 1 or _begin_anew(connection, job)


def fail(connection: Connection, job: Job, fault: str) -> bool:
    """Note that it cannot be done; `put` lets it begin anew, and did if it was asked meanwhile."""
    if _begin_anew(connection, job):
        return True
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


def _begin_anew(connection: Connection, job: Job) -> bool:
    asked = and_(_is_held(job), JOB.c.fault == _AGAIN)
    return connection.execute(update(JOB).where(asked).values(_ANEW)).rowcount == 1


def _is_held(job: Job) -> ColumnElement[bool]:
    return and_(JOB.c.id == job.id, JOB.c.state == RUNNING, JOB.c.worker == job.worker)
