"""Routes for contributors: what is here of them, and taking it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import select

from signoff_hub.api.asking import AtDesk, Contributor, RecordInPath, stranger
from signoff_hub.api.uploading import second, shown
from signoff_hub.database.tables import SIGN_OFF
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.states import read_state
from signoff_hub.statistics.snapshots import read_snapshot
from signoff_hub.withdrawing.feed import feed
from signoff_hub.withdrawing.withdrawals import Withdrawn as Ended
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw
from signoff_schemas.hub_api import (
    Figure,
    Mine,
    OwnSignOff,
    Statistics,
    WithdrawalRequest,
    Withdrawn,
)
from signoff_schemas.hub_feed import SignedPage

ROUTES = APIRouter(prefix="/v1", tags=["contributors"])
_PAGE = 1_000
"""Sign-offs that are read from the database at once."""


@ROUTES.post("/withdrawals", status_code=202, dependencies=[Depends(stranger)])
def post_withdrawal(desk: AtDesk, request: WithdrawalRequest) -> Withdrawn:
    """Take an episode back: the tombstone proves itself, so that nobody has to sign in."""
    ended = withdraw(desk.node, request.tombstone.encode("ascii"))
    desk.node.bell.set()
    return _told(ended)


@ROUTES.get("/withdrawals/{record_id}", dependencies=[Depends(stranger)], responses={404: {}})
def get_withdrawal(record_id: RecordInPath, desk: AtDesk) -> Withdrawn:
    """Tell how far a withdrawal is; record ids are random and known to their makers."""
    return _told(read_withdrawal(desk.node, record_id))


@ROUTES.get("/mine")
def get_mine(desk: AtDesk, who: Contributor) -> Mine:
    """Return every sign-off of whoever asks, with its receipt."""
    node, account = desk.node, who.contributor()
    found: list[OwnSignOff] = []
    last = ""
    while True:
        with node.database.read() as connection:
            names = list(
                connection.execute(
                    select(SIGN_OFF.c.statement)
                    .where(SIGN_OFF.c.account == account, SIGN_OFF.c.statement > last)
                    .order_by(SIGN_OFF.c.statement)
                    .limit(_PAGE)
                ).scalars()
            )
            states = [read_state(connection, name) for name in names]
        for state in states:
            if state is not None:
                told = shown(node, state).model_dump()
                found.append(OwnSignOff(**told, received_on=second(state.received_at), uses=()))
        if len(names) < _PAGE:
            return Mine(sign_offs=tuple(found))
        last = names[-1]


@ROUTES.get("/feed", dependencies=[Depends(stranger)])
def get_feed(desk: AtDesk, after: Annotated[int, Query(ge=0, lt=1 << 53)] = 0) -> SignedPage:
    """Return one signed page of what was withdrawn, has expired or was replaced."""
    return feed(desk.node, after)


@ROUTES.get("/statistics/{snapshot}", dependencies=[Depends(stranger)], responses={404: {}})
def get_statistics(
    snapshot: Annotated[str, Path(pattern="^[0-9]{4}-Q[1-4]$")], desk: AtDesk
) -> Statistics:
    """Return the frozen figures of one quarter; there are no others."""
    lines = read_snapshot(desk.node.database, snapshot)
    if lines is None:
        raise HubFault(FaultCode.NOT_FOUND, "there is no snapshot of that quarter")
    figures = (
        Figure(what=one.what, purpose=one.purpose, language=one.language, value=one.value)
        for one in lines
    )
    return Statistics(snapshot=snapshot, figures=tuple(figures))


def _told(ended: Ended) -> Withdrawn:
    return Withdrawn(
        record_id=ended.record_id,
        sha256=ended.sha256,
        state="erased" if ended.is_erased else "withdrawn",
        erase_by=second(ended.erase_by),
    )
