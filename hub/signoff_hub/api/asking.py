"""What every route needs: the node, who asks, and whether it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPBearer

from signoff_hub.place.faults import HubFault
from signoff_hub.signing_in.tokens import Asker, Scope, require, who_asks

if TYPE_CHECKING:
    from signoff_hub.api.bodies import Pace
    from signoff_hub.api.limits import RateLimit, Uploads
    from signoff_hub.node.node import Node

DigestInPath = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
"""Lower-case hexadecimal SHA-256."""
RecordInPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_BEARER = "bearer "
_SHOWN = HTTPBearer(auto_error=False, scheme_name="token")
"""Says in the description of the API who needs a token; `asker_with` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the routes of one node share."""

    node: Node
    signed_in: RateLimit
    strangers: RateLimit
    looking_up: RateLimit
    """Of `GET /v1/contains`, for who is not signed in."""
    uploads: Uploads
    pace: Pace
    is_behind_proxy: bool
    """Whether a proxy in front says from where a request came."""


async def desk_of(request: Request) -> Desk:
    """Return the desk of a request's app; a coroutine, so that no thread is asked for it."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


def stranger(request: Request, desk: AtDesk) -> None:
    """Count a question of somebody who need not be signed in."""
    desk.strangers.count(address_of(request, desk))


def looking_up(request: Request, desk: AtDesk) -> None:
    """Count a look-up: fewer are free than other questions, so that nobody tries digests out."""
    desk.looking_up.count(address_of(request, desk))


def address_of(request: Request, desk: Desk) -> str:
    """Return where a request came from, for counting alone: it is written nowhere.

    Of what a proxy passes on, the last address alone is the proxy's own word: all before it is
    what the asker wrote, who could be somebody else each time.
    """
    if desk.is_behind_proxy:
        passed_on = request.headers.getlist("x-forwarded-for")
        if passed_on:
            return passed_on[-1].rpartition(",")[2].strip()
    return "" if request.client is None else request.client.host


def asker_with(*scopes: Scope) -> Callable[[Request, Desk, object], Asker]:
    """Return what finds out who asks, and refuses who has none of some scopes."""
    shown: object = Security(_SHOWN, scopes=[one.value for one in scopes])

    def found(request: Request, desk: AtDesk, _: object = shown) -> Asker:
        said = request.headers.get("authorization", "")
        is_bearer = said[: len(_BEARER)].lower() == _BEARER
        try:
            who = who_asks(desk.node, said[len(_BEARER) :] if is_bearer else None)
        except HubFault:  # who has no token, or guesses at one, is a stranger
            desk.strangers.count(address_of(request, desk))
            raise
        desk.signed_in.count(who.account or who.token_hash)
        require(who, next((one for one in scopes if one in who.scopes), scopes[0]))
        return who

    return found


Uploader = Annotated[Asker, Depends(asker_with(Scope.UPLOAD))]
Contributor = Annotated[Asker, Depends(asker_with(Scope.MINE))]
Auditor = Annotated[Asker, Depends(asker_with(Scope.AUDIT))]
Operator = Annotated[Asker, Depends(asker_with(Scope.OPERATE))]
Builder = Annotated[Asker, Depends(asker_with(Scope.BUILD))]
Reader = Annotated[Asker, Depends(asker_with(Scope.READ))]
