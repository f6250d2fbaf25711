"""Signing in to the pages, and out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.page_sessions import (
    SESSION_HOLDS_S,
    end_session,
    open_with_code,
    open_with_token,
    who_looks,
)
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.web.frame import commands, field, go, note, page, section
from signoff_hub.web.markup import Content, Markup, tag

if TYPE_CHECKING:
    from starlette.responses import Response

    from signoff_hub.web.visits import Visit

_NOT_GOOD: Final = frozenset({FaultCode.NO_TOKEN, FaultCode.SCOPE})


def cookie_name(address: str) -> str:
    """Return how the session's cookie is called.

    On TLS a name that browsers take from this host alone. On the loopback, where all ports share
    their cookies, one of its own for each hub.
    """
    if address.startswith("https:"):
        return "__Host-signoff"
    return f"signoff-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def sign_in_page(visit: Visit, *, said: Markup | None = None, status: int = 200) -> Response:
    """Show how to sign in."""
    return page(
        visit,
        "Sign in",
        said,
        section(
            "To see your own episodes",
            tag(
                "p",
                "A browser cannot sign with your key. So your terminal does that, and opens your"
                " pages in your browser:",
            ),
            commands(f"signoff uses --from {visit.node.address} --open"),
            tag(
                "p",
                "If your browser is on another machine, it prints a code instead: paste it into ",
                tag("a", "the page for codes", href=visit.link("enter")),
                ".",
            ),
        ),
        _with_the_organisation(visit),
        section(
            "As an auditor or operator",
            tag(
                "form",
                field("token", "API token", most=1000),
                tag("button", "Sign in", type="submit", class_="main"),
                method="post",
                action=visit.link("sign-in"),
                class_="block",
            ),
            tag(
                "p",
                "Whoever runs the hub makes one, with ",
                tag("code", "signoff hub token"),
                ".",
            ),
        ),
        at="sign-in",
        status=status,
    )


def _with_the_organisation(visit: Visit) -> Markup | None:
    """Return what the page to sign in says of it; nothing where the hub has no organisation."""
    settings = visit.node.settings.organisation
    if settings is None:
        return None
    links: list[Content] = []
    if visit.node.settings.needs_enrolment:
        draws = visit.link("organisation", to="draw")
        links.append(tag("p", tag("a", "Draw your enrolment code", href=draws), ": each account"
                         " draws one, and the hub notes that it did, not which."))  # fmt: skip
    if settings.auditors is not None or settings.operators is not None:
        shows = visit.link("organisation", to="pages")
        links.append(tag("p", tag("a", "See the pages of an auditor or operator", href=shows), "."))
    return section("With your organisation's account", links) if links else None


def sign_in(visit: Visit) -> Response:
    """Open a session for an API token."""
    try:
        session = open_with_token(visit.node, visit.form.get("token", ""))
    except HubFault as fault:
        if fault.code not in _NOT_GOOD:
            raise
        said = note(
            "bad",
            tag("p", "This token opens no pages: it is unknown, over, or of another scope."),
        )
        return sign_in_page(visit, said=said, status=403)
    viewer = who_looks(visit.node, session)
    is_auditor = viewer is not None and Scope.AUDIT in viewer.scopes
    return _begun(visit, session, "log" if is_auditor else "operate")


def enter_page(visit: Visit) -> Response:
    """Show the form for a code; a small script fills it from the address, where scripts run."""
    return page(
        visit,
        "Open your pages",
        tag(
            "p",
            "Your terminal made a code for this page. It is good once, within two minutes. Then you"
            " are signed in for half an hour, or until you sign out.",
        ),
        tag(
            "form",
            field("code", "Code", most=43),
            tag("button", "Open my pages", type="submit", id="open", class_="main"),
            method="post",
            action=visit.link("enter"),
            class_="block",
        ),
        tag("p", "Your terminal makes another one with:"),
        commands(f"signoff uses --from {visit.node.address} --open"),
        at="sign-in",
        script="enter.js",
    )


def enter(visit: Visit) -> Response:
    """Open a contributor's session for a code."""
    return _begun(visit, open_with_code(visit.node, visit.form.get("code", "")), "mine")


def sign_out(visit: Visit) -> Response:
    """End the session, here and in the browser."""
    if visit.session is not None:
        end_session(visit.node, visit.session)
    answer = go(visit.link(""))
    is_tls = visit.node.address.startswith("https:")
    answer.delete_cookie(
        cookie_name(visit.node.address), path="/", secure=is_tls, httponly=True, samesite="strict"
    )
    return answer


def _begun(visit: Visit, session: str, place: str) -> Response:
    """Go on in a new session; the one before ends, so that nobody goes on in one of another."""
    answer = go(visit.link(place))
    hold_session(visit, answer, session)
    return answer


def hold_session(visit: Visit, answer: Response, session: str) -> None:
    """Have a browser hold a new session; the one before ends."""
    if visit.session is not None:
        end_session(visit.node, visit.session)
    answer.set_cookie(
        cookie_name(visit.node.address),
        session,
        max_age=SESSION_HOLDS_S,
        path="/",
        secure=visit.node.address.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
