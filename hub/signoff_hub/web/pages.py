"""Every page with its address and the scope that it needs: one table, one door.

Forms are taken from these pages alone, and a session from its cookie alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.organisation import OrganisationSignIn
from signoff_hub.signing_in.page_sessions import who_looks
from signoff_hub.signing_in.tokens import Asker, Scope
from signoff_hub.web import auditing, log, mine, operating, organisation, problems, signing
from signoff_hub.web.frame import headers
from signoff_hub.web.front import front
from signoff_hub.web.visits import Visit, address_of_page, read_form
from signoff_schemas.errors import NetworkError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.requests import Request

    from signoff_hub.node.node import Node

Count = Callable[["Request", "str | None"], None]
"""Counts a question: of an account or token, or of a stranger. Raises HubFault: too many."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page."""

    method: str
    path: str
    make: Callable[[Visit], Response]
    scope: Scope | None = None
    """None: for anybody."""


_PAGES: Final = (
    _Page("GET", "/", front),
    _Page("GET", "/sign-in", signing.sign_in_page),
    _Page("POST", "/sign-in", signing.sign_in),
    _Page("GET", "/enter", signing.enter_page),
    _Page("POST", "/enter", signing.enter),
    _Page("POST", "/sign-out", signing.sign_out),
    _Page("GET", "/organisation", organisation.leave),
    _Page("GET", "/organisation/back", organisation.come_back),
    _Page("GET", "/mine", mine.mine, Scope.MINE),
    _Page("GET", "/mine/{statement}", mine.one, Scope.MINE),
    _Page("GET", "/mine/{statement}/receipt.json", mine.receipt, Scope.MINE),
    _Page("GET", "/mine/{statement}/receipt.sig", mine.receipt_signature, Scope.MINE),
    _Page("GET", "/mine/{statement}/proof.json", mine.proof, Scope.MINE),
    _Page("POST", "/mine/{statement}/withdraw", mine.take_back, Scope.MINE),
    _Page("GET", "/ended/{record}", mine.ended, Scope.MINE),
    _Page("GET", "/log", log.log, Scope.AUDIT),
    _Page("GET", "/log/head.json", log.head_file, Scope.AUDIT),
    _Page("GET", "/log/head.sig", log.head_signature, Scope.AUDIT),
    _Page("GET", "/log/consistency", log.consistency, Scope.AUDIT),
    _Page("GET", "/log/consistency.json", log.consistency_file, Scope.AUDIT),
    _Page("GET", "/log/find", log.find, Scope.AUDIT),
    _Page("GET", "/log/{n}", log.leaf, Scope.AUDIT),
    _Page("GET", "/log/{n}/proof.json", log.leaf_proof, Scope.AUDIT),
    _Page("GET", "/builds", auditing.builds, Scope.AUDIT),
    _Page("GET", "/statistics", auditing.statistics, Scope.AUDIT),
    _Page("GET", "/statistics/{snapshot}", auditing.snapshot, Scope.AUDIT),
    _Page("GET", "/feed", auditing.feed, Scope.AUDIT),
    _Page("GET", "/feed.json", auditing.feed_file, Scope.AUDIT),
    _Page("GET", "/operate", operating.operate, Scope.OPERATE),
)
_FOR: Final = {
    Scope.MINE: "This page is for a contributor, who signs in from the terminal.",
    Scope.AUDIT: "This page is for an auditor, whose token has the scope audit.",
    Scope.OPERATE: "This page is for an operator, whose token has the scope operate.",
}
_FILES: Final = {
    "style.css": "text/css",
    "icon.svg": "image/svg+xml",
    "enter.js": "text/javascript",
}


class Pages:
    """The pages of one node: an app for `/pages`, and the front page for `/`."""

    def __init__(self, node: Node, count: Count) -> None:
        """Make them.

        Args:
            node: whose.
            count: counts every question, and refuses too many.
        """
        self._node = node
        self._count = count
        settings = node.settings.organisation
        self._organisation = None if settings is None else OrganisationSignIn(node, settings)
        routes = [Route(one.path, self._answering(one), methods=[one.method]) for one in _PAGES]
        routes += [Route(f"/{name}", _file_of(name, kind)) for name, kind in _FILES.items()]
        self.app: Final = Starlette(
            routes=routes,
            exception_handlers={HTTPException: self._of_http, Exception: self._of_ours},
        )

    async def front(self, request: Request) -> Response:
        """Answer for `/`."""
        return await self._answering(_PAGES[0])(request)

    def _answering(self, page: _Page) -> Callable[[Request], Awaitable[Response]]:
        async def answering(request: Request) -> Response:
            body = await request.body() if page.method == "POST" else b""
            return await to_thread.run_sync(partial(self._answer, page, request, body))

        return answering

    def _answer(self, page: _Page, request: Request, body: bytes) -> Response:
        visit = self._visit(request)
        try:
            if page.method == "POST":
                _refuse_other_sites(request, self._node)
                visit = replace(visit, form=read_form(body))
            try:
                viewer = who_looks(self._node, visit.session)
            except NetworkError:
                if page.scope is not None or page.method == "POST":
                    raise
                viewer = None  # what is for anybody can be told without the database
            visit = replace(visit, viewer=viewer)
            self._count(request, None if viewer is None else viewer.account or viewer.token_hash)
            if page.scope is not None:
                if viewer is None:
                    raise HubFault(FaultCode.NO_TOKEN, "nobody is signed in, or no longer")
                _refuse_others(viewer, page.scope)
            return page.make(visit)
        except SignoffError as error:
            return problems.said(visit, error)

    def _visit(self, request: Request) -> Visit:
        return Visit(
            node=self._node,
            viewer=None,
            session=request.cookies.get(signing.cookie_name(self._node.address)),
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            away=request.cookies.get(organisation.kept_name(self._node.address)),
            organisation=self._organisation,
        )

    async def _of_http(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        fact = {404: "there is no page at this address"}.get(status, "the page does not take that")
        return problems.no(self._visit(request), status, fact, None)

    async def _of_ours(self, request: Request, _: Exception) -> Response:
        return problems.broken(self._visit(request))


def _refuse_others(viewer: Asker, scope: Scope) -> None:
    """Refuse who is signed in for other pages.

    Raises:
        HubFault: it is not for them.
    """
    if scope not in viewer.scopes:
        raise HubFault(
            FaultCode.SCOPE,
            "what you signed in with is not good for that",
            hint=f"{_FOR[scope]} Sign out, and in again with that.",
        )


def _refuse_other_sites(request: Request, node: Node) -> None:
    """Refuse a form that another site sent.

    Every browser of today says from where a request comes; pages that send no referrer say `null`
    as their origin, so that counts only where nothing better was said.

    Raises:
        HubFault: it is from elsewhere, or nobody knows from where.
    """
    site = request.headers.get("sec-fetch-site")
    ours = (
        site == "same-origin"
        if site is not None
        else request.headers.get("origin") == address_of_page(node.address)
    )
    if not ours:
        raise HubFault(
            FaultCode.SCOPE,
            "this form was not sent from a page of this hub",
            hint="Open the page at the hub's own address, and send it from there.",
        )


def _file_of(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = (Path(__file__).parent / name).read_bytes()

    async def answering(_: Request) -> Response:
        return Response(content, media_type=kind, headers=headers())

    return answering
