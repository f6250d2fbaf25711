"""Authentication of the page's server: one window, by a bearer token.

The terminal creates a URL that works once (threat 32). Whoever opens it gets the page with the
bearer token of every later request. A new URL revokes both. A window that is loaded again has lost
its token: it asks for a path that only pages of this server were told, which opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import Final

_TOKEN_BYTES: Final = 32
_SCHEME: Final = "Bearer "


class Access:
    """The one-time URL and the bearer token that are currently valid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._once: str | None = None
        self._bearer: str | None = None
        self.again = secrets.token_urlsafe(_TOKEN_BYTES)
        """The path in the address bar of every window of this server; it opens nothing."""

    def new_address(self) -> str:
        """Return a path that works once; earlier paths and tokens are revoked."""
        with self._lock:
            self._once, self._bearer = secrets.token_urlsafe(_TOKEN_BYTES), None
            return self._once

    def redeem(self, token: str) -> str | None:
        """Exchange a one-time token for the bearer token; None for anything else."""
        with self._lock:
            if self._once is None or not _is_same(token, self._once):
                return None
            self._once, self._bearer = None, secrets.token_urlsafe(_TOKEN_BYTES)
            return self._bearer

    def was_open(self, path: str) -> bool:
        """Return whether a window of ours was at this path: loaded again, it may be told so."""
        return _is_same(path, self.again)

    def admits(self, authorization: str) -> bool:
        """Return whether an `Authorization` header has the current bearer token."""
        with self._lock:
            bearer = self._bearer
        if bearer is None or not authorization.startswith(_SCHEME):
            return False
        return _is_same(authorization.removeprefix(_SCHEME), bearer)


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("ascii"))
