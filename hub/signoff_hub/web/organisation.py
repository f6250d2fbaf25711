"""The way to an organisation's sign-in and back: an enrolment code, or pages."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.organisation import COMES_BACK_S
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.web.frame import commands, headers, mono, note, page
from signoff_hub.web.markup import tag
from signoff_hub.web.signing import hold_session

if TYPE_CHECKING:
    from signoff_hub.signing_in.organisation import OrganisationSignIn
    from signoff_hub.web.visits import Visit

_PLACES: Final = {Scope.AUDIT: ("log", "The log"), Scope.OPERATE: ("operate", "Operation")}


def kept_name(address: str) -> str:
    """Return how the cookie is called that a browser keeps while it is away."""
    if address.startswith("https:"):
        return "__Host-signoff-away"
    return f"signoff-away-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def leave(visit: Visit) -> Response:
    """Send the browser to the organisation."""
    away = _sign_in(visit).begin(draws=visit.query.get("to") == "draw")
    answer = Response(status_code=303, headers={**headers(), "Location": away.address})
    answer.set_cookie(
        kept_name(visit.node.address),
        away.secret,
        max_age=COMES_BACK_S,
        path="/",
        secure=visit.node.address.startswith("https:"),
        httponly=True,
        samesite="lax",  # it has to come along when the organisation sends the browser back
    )
    return answer


def come_back(visit: Visit) -> Response:
    """Show what a person may do who was there: a code, or the way to pages."""
    came = _sign_in(visit).finish(visit.away or "", visit.query)
    answer = _code_page(visit, came.code) if came.code is not None else _ways_on(visit, came.scopes)
    if came.session is not None:
        hold_session(visit, answer, came.session)
    answer.delete_cookie(
        kept_name(visit.node.address),
        path="/",
        secure=visit.node.address.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


def _code_page(visit: Visit, code: str) -> Response:
    return page(
        visit,
        "Your enrolment code",
        note(
            "good",
            tag("p", "This code is yours. It is shown now and never again."),
            tag("p", mono(code)),
        ),
        tag(
            "p",
            "It makes one key a member's. In your terminal, with an episode that you signed for"
            " this hub; you are asked for the code:",
        ),
        commands(f"signoff upload last --to {visit.node.address} --enrol"),
        tag(
            "p",
            "The hub noted that somebody with your account drew a code, as a number that only"
            " its own key can make of your account. It did not note which code, and does not"
            " know which key will come with it.",
        ),
        at="sign-in",
    )


def _ways_on(visit: Visit, scopes: frozenset[Scope]) -> Response:
    links = [
        tag("li", tag("a", words, href=visit.link(place)))
        for scope, (place, words) in _PLACES.items()
        if scope in scopes
    ]
    return page(
        visit,
        "You are signed in",
        tag("p", "For half an hour, or until you sign out. Your name was not noted."),
        tag("ul", links),
        at="sign-in",
    )


def _sign_in(visit: Visit) -> OrganisationSignIn:
    if visit.organisation is None:
        raise HubFault(FaultCode.NOT_FOUND, "nobody signs in here with an organisation's account")
    return visit.organisation
