"""Plans that were asked for: drawn as jobs, since one reads every episode that may be in it.

Each token may ask a few times a day, in vain too: no tells something as well.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, insert, or_, select, update

from signoff_hub.building.plans import draw_plan, read_drawn, too_few
from signoff_hub.database.tables import JOB, PLAN_ASKED
from signoff_hub.jobs.queue import FAILED, put
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.hub_api import PlanRequest, PlanState

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from signoff_hub.jobs.queue import Job
    from signoff_hub.node.node import Node

DRAW: Final = "draw"
"""The job of a plan that was asked for; its subject names the question."""
ASKED_A_DAY: Final = 20
"""Plans that a token may ask for within a day."""
_DAY_S: Final = 86_400


def ask_plan(node: Node, token_hash: str, asked: PlanRequest) -> PlanState:
    """Have a plan drawn; the same words again, while it is drawn, are the same question.

    Raises:
        HubFault: the purpose is none of this hub's, or this token has asked too often.
        NetworkError: the database is away.
    """
    if asked.purpose not in node.settings.purposes:
        raise HubFault(
            FaultCode.PURPOSE,
            "this hub takes no episodes for that purpose",
            hint="GET /v1/terms lists the purposes.",
        )
    request = asked.model_dump_json()
    with node.database.write() as connection:
        node.database.lock_log(connection)
        name = connection.execute(
            select(PLAN_ASKED.c.id).where(
                PLAN_ASKED.c.token_hash == token_hash,
                PLAN_ASKED.c.request == request,
                PLAN_ASKED.c.plan.is_(None),
                PLAN_ASKED.c.fault.is_(None),
            )
        ).scalar()
        if name is None or _has_failed(connection, name):
            name = _note(node, connection, token_hash, request)
    node.bell.set()
    return PlanState(asked=name, state="drawing")


def read_asked(node: Node, token_hash: str, name: str) -> PlanState:
    """Tell what became of a question of whoever asks.

    Raises:
        HubFault: they asked none of that name within a day, or too few contributors share for it.
        NetworkError: the database is away.
    """
    with node.database.read() as connection:
        row = _row(connection, name)
        if row is None or row.token_hash != token_hash:
            raise HubFault(
                FaultCode.NOT_FOUND,
                "you asked for no such plan within a day",
                hint="Ask for it: POST /v1/plans.",
            )
        has_failed = _has_failed(connection, name)
    if row.fault is not None:
        raise too_few()
    if row.plan is not None:
        return PlanState(asked=name, state="drawn", plan=read_drawn(node, token_hash, row.plan))
    return PlanState(asked=name, state="failed" if has_failed else "drawing")


def draw_asked(node: Node, job: Job) -> None:
    """Do the job `draw`: safe to kill and to repeat anywhere.

    Raises:
        NetworkError: database or store are away.
    """
    with node.database.read() as connection:
        row = _row(connection, job.subject)
    if row is None or row.plan is not None or row.fault is not None:
        return
    asked = PlanRequest.model_validate_json(row.request)

    def drawn(connection: Connection, sha256: str) -> None:
        _end(connection, job.subject, plan=sha256)

    try:
        draw_plan(node, row.token_hash, asked, on_kept=drawn)
    except HubFault as fault:
        if fault.code is not FaultCode.K:
            raise
        with node.database.write() as connection:
            _end(connection, job.subject, fault=fault.code)


def _note(node: Node, connection: Connection, token_hash: str, request: str) -> str:
    """Note that somebody asks, whatever comes of it; return the name of the question."""
    since = node.now() - _DAY_S
    has_ended = or_(PLAN_ASKED.c.plan.is_not(None), PLAN_ASKED.c.fault.is_not(None))
    connection.execute(delete(PLAN_ASKED).where(PLAN_ASKED.c.asked_at <= since, has_ended))
    count = connection.execute(
        select(func.count())
        .select_from(PLAN_ASKED)
        .where(PLAN_ASKED.c.token_hash == token_hash, PLAN_ASKED.c.asked_at > since)
    ).scalar_one()
    if count >= ASKED_A_DAY:
        raise HubFault(
            FaultCode.QUOTA,
            f"a token may ask for {ASKED_A_DAY} plans a day",
            hint="Build one that was drawn, or ask again tomorrow.",
        )
    name = secrets.token_hex(32)
    values = {"id": name, "token_hash": token_hash, "request": request, "asked_at": node.now()}
    connection.execute(insert(PLAN_ASKED).values(values))
    put(connection, DRAW, name)
    return name


def _end(connection: Connection, name: str, **values: str) -> None:
    connection.execute(update(PLAN_ASKED).where(PLAN_ASKED.c.id == name).values(**values))


def _row(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(PLAN_ASKED).where(PLAN_ASKED.c.id == name)).first()


def _has_failed(connection: Connection, name: str) -> bool:
    """Tell whether drawing it was given up: whoever runs the hub is told by its figures."""
    state = select(JOB.c.state).where(JOB.c.kind == DRAW, JOB.c.subject == name)
    return connection.execute(state).scalar() == FAILED
