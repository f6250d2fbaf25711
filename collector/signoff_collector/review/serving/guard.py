"""ASGI middleware that rejects every request without host, origin and token.

A request needs our own Host header (against DNS rebinding), no Origin or ours, and a token.
Anything else gets the same empty 404, so that other processes cannot learn what is served here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders

from signoff_collector.review.serving.again import loaded_again

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from signoff_collector.review.serving.access import Access

METHODS: Final = frozenset({"GET", "POST", "PUT"})
API_POLICY: Final = (
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": API_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
}
"""Headers of every response; the page itself has another content security policy."""

PageRenderer = Callable[[str, str], bytes]
"""From bearer token and nonce to the bytes of the page."""


def page_policy(nonce: str) -> str:
    """Return the page's Content-Security-Policy: script and style by nonce, own server only."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "worker-src blob:; connect-src 'self'; img-src data:; font-src data:; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )


class Guard:
    """ASGI middleware that admits one window.

    Args:
        app: what answers the admitted.
        access: the tokens that are good now.
        host: gives `127.0.0.1:PORT`, once the port is known.
        render: makes the page.
        on_opened: told when the page was given out.
        on_reload: told when a window of ours was loaded again.
        on_fault: told the kind of a fault of ours; the answer does not say it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        host: Callable[[], str],
        render: PageRenderer,
        on_opened: Callable[[], None],
        on_reload: Callable[[], None],
        on_fault: Callable[[str], None],
    ) -> None:
        self._app = app
        self._access = access
        self._host = host
        self._render = render
        self._on_opened = on_opened
        self._on_reload = on_reload
        self._on_fault = on_fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject or forward one request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if scope["method"] not in METHODS or not self._is_at_home(headers):
            await _nothing(send)
        elif self._access.admits(headers.get("authorization", "")):
            await self._app(scope, receive, _with_headers(send))
        else:
            await self._open(scope, headers, send)

    def _is_at_home(self, headers: Headers) -> bool:
        host = self._host()
        origins = headers.getlist("origin")
        return headers.getlist("host") == [host] and origins in ([], [f"http://{host}"])

    async def _open(self, scope: Scope, headers: Headers, send: Send) -> None:
        """Serve the page for a valid one-time token; anything else gets a 404.

        A window that was loaded again knows a path that nobody else does: it is told what happened.
        """
        path = str(scope["path"]).removeprefix("/")
        if scope["method"] != "GET" or "origin" in headers:
            await _nothing(send)
            return
        bearer = self._access.redeem(path)
        nonce = secrets.token_urlsafe(16)
        if bearer is None:
            if not self._access.was_open(path):
                await _nothing(send)
                return
            self._on_reload()
            policy = {"Content-Security-Policy": f"{API_POLICY}; style-src 'nonce-{nonce}'"}
            await _answer(send, 200, loaded_again(nonce), policy)
            return
        try:
            body = self._render(bearer, nonce)
        except Exception as fault:  # noqa: BLE001 - whatever it is, none of it goes out
            self._on_fault(type(fault).__name__)
            await _nothing(send)
            return
        self._on_opened()
        await _answer(send, 200, body, {"Content-Security-Policy": page_policy(nonce)})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sending


async def _nothing(send: Send) -> None:
    await _answer(send, 404, b"", {"Connection": "close"})


async def _answer(send: Send, status: int, body: bytes, extra: dict[str, str]) -> None:
    headers = {**HEADERS, "Content-Length": str(len(body)), **extra}
    if body:
        headers["Content-Type"] = "text/html; charset=utf-8"
    raw = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
