"""Routes for contributors: what is here of them, and taking it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from signoff_hub.api.asking import (
    AtDesk,
    Contributor,
    DigestInPath,
    RecordInPath,
    looking_up,
    stranger,
)
from signoff_hub.api.own_archive import MEDIA_TYPE, own_archive
from signoff_hub.api.own_pages import own_pages
from signoff_hub.api.uploading import second
from signoff_hub.building.uses import versions_with
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.page_sessions import make_page_code
from signoff_hub.statistics.snapshots import read_snapshot
from signoff_hub.withdrawing.feed import feed
from signoff_hub.withdrawing.withdrawals import Withdrawn as Ended
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw
from signoff_schemas.hub_api import (
    Contained,
    Contains,
    Figure,
    Mine,
    PageCode,
    Statistics,
    WithdrawalRequest,
    Withdrawn,
)
from signoff_schemas.hub_feed import SignedPage

ROUTES = APIRouter(prefix="/v1", tags=["contributors"])


@ROUTES.post(
    "/withdrawals",
    status_code=202,
    dependencies=[Depends(stranger)],
    responses={403: {}},
)
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
    """Return every sign-off of whoever asks, with its receipt and uses."""
    pages = own_pages(desk.node, who.contributor())
    return Mine(sign_offs=tuple(one for page in pages for one in page))


@ROUTES.get(
    "/mine/export",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "A tar"}},
)
def get_export(desk: AtDesk, who: Contributor) -> StreamingResponse:
    """Return all that is here of whoever asks: episodes, sign-offs, receipts, proofs and uses."""
    pieces = own_archive(desk.node, who.contributor())
    return StreamingResponse(pieces, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


@ROUTES.get("/contains/{sha256}", dependencies=[Depends(looking_up)])
def get_contains(sha256: DigestInPath, desk: AtDesk) -> Contains:
    """Tell which data sets hold an episode, to anybody who knows its digest.

    An episode that nobody knows, one that is in no data set, and one in a data set of too few
    contributors get the same answer.
    """
    node = desk.node
    with node.database.read() as connection:
        found = versions_with(connection, sha256, node.settings.k)
    return Contains(datasets=tuple(Contained(name=name, version=n) for name, n in found))


@ROUTES.post("/page-codes", status_code=201)
def post_page_code(desk: AtDesk, who: Contributor) -> PageCode:
    """Return a code with which a browser opens one's own pages, once and within two minutes."""
    return make_page_code(desk.node, who)


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
        bytes_stay=ended.is_alone,
    )
