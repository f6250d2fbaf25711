"""Pages that say no: what is the matter, what is not lost, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.web.frame import note, page
from signoff_hub.web.markup import tag
from signoff_hub.web.signing import sign_in_page
from signoff_schemas.errors import DiskFullError, NetworkError

if TYPE_CHECKING:
    from starlette.responses import Response

    from signoff_hub.web.visits import Visit
    from signoff_schemas.errors import SignoffError

_STATUS: Final = {
    FaultCode.NOT_FOUND: 404,
    FaultCode.SCOPE: 403,
    FaultCode.PROOF: 403,
    FaultCode.BAD_NONCE: 410,
    FaultCode.WITHDRAWN: 410,
    FaultCode.REPLACED: 410,
    FaultCode.LEGAL_HOLD: 409,
    FaultCode.RATE_LIMIT: 429,
    FaultCode.TOO_LARGE: 413,
    FaultCode.DISK_FULL: 507,
    FaultCode.AWAY: 503,
}
"""Every other reason is 400: asked wrongly."""
_TITLES: Final = {
    400: "This cannot be done so",
    403: "This is not for you",
    404: "There is nothing here",
    405: "This cannot be done so",
    409: "This cannot be done now",
    410: "This is gone",
    413: "This is too much",
    429: "Too many questions",
    500: "The hub met a fault of its own",
    503: "The hub cannot work now",
    507: "The hub has no room left",
}
_TITLE_OF: Final = {FaultCode.PROOF: "Nothing was taken back"}
_LATER: Final = {429: "30", 503: "30"}


def said(visit: Visit, error: SignoffError) -> Response:
    """Return the page for an error of ours."""
    if isinstance(error, HubFault):
        if error.code is FaultCode.NO_TOKEN:
            words = "Nobody is signed in, or no longer: what you asked for needs that."
            return sign_in_page(visit, said=note("warn", tag("p", words)), status=401)
        status, title = _STATUS.get(error.code, 400), _TITLE_OF.get(error.code)
        return no(visit, status, error.detail, error.hint, title=title)
    if isinstance(error, DiskFullError):
        return no(visit, 507, "there is no room left here", None)
    if isinstance(error, NetworkError):
        return no(
            visit,
            503,
            "database or store do not answer now",
            "Nothing is lost: ask again in a minute.",
        )
    return broken(visit)


def no(
    visit: Visit, status: int, fact: str, hint: str | None, *, title: str | None = None
) -> Response:
    """Return a page that says no; it repeats nothing of the question."""
    more = {"Retry-After": _LATER[status]} if status in _LATER else {}
    sentence = f"{fact[:1].upper()}{fact[1:]}."
    return page(
        visit,
        title or _TITLES.get(status, _TITLES[400]),
        note("bad" if status >= 500 else "warn", tag("p", sentence), hint and tag("p", hint)),
        tag("p", tag("a", "To the front page", href=visit.link(""))),
        status=status,
        more_headers=more,
    )


def broken(visit: Visit) -> Response:
    """Return the page for a fault of the hub."""
    return no(
        visit,
        500,
        "nothing was half done",
        "Ask again; if it stays, tell whoever runs the hub.",
    )
