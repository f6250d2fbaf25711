"""Limits of a node: how often somebody asks, and how many uploads are under way.

Counted in the memory of one node, by token or by a keyed hash of the address: nothing of it is
written down, and after a minute without a question nothing of it is left.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter, OrderedDict
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from signoff_hub.api.problems import problem_of
from signoff_hub.place.faults import FaultCode, HubFault

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from signoff_collector.system.clock import Clock

_MINUTE_S: Final = 60.0
_NS: Final = 1_000_000_000
_MOST_KNOWN: Final = 20_000
"""Askers that are remembered at once; the one that asked longest ago is forgotten."""
MOST_REQUESTS: Final = 800
"""Fewer than connections, so that who comes beyond them can be told."""
MOST_UPLOADS: Final = 256
MOST_UPLOADS_EACH: Final = 8
MOST_UPLOADS_NEW: Final = 192
"""Of accounts of which nothing was ever admitted: where anybody may make keys, they leave room."""
MOST_UPLOADS_THERE: Final = 32
"""The same from one address."""


_ALL: Final = "all"
_NEW: Final = "new"


class RateLimit:
    """A bucket of questions for each asker, that fills again within a minute."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._salt = secrets.token_bytes(16)
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def count(self, asker: str) -> None:
        """Count one question.

        Raises:
            HubFault: there were too many within a minute.
        """
        name = hashlib.blake2b(asker.encode(), key=self._salt, digest_size=16).digest()
        now = self._clock.boot_ns() / _NS
        with self._lock:
            left, at = self._left.pop(name, (float(self._per_minute), now))
            left = min(self._per_minute, left + (now - at) * self._per_minute / _MINUTE_S)
            is_over = left < 1
            self._left[name] = (left if is_over else left - 1, now)
            while len(self._left) > _MOST_KNOWN:
                self._left.popitem(last=False)
        if is_over:
            raise HubFault(
                FaultCode.RATE_LIMIT,
                f"more than {self._per_minute} questions in a minute",
                hint="Wait as long as Retry-After says.",
            )


class AtOnce:
    """Lets so many requests in at once; to who comes beyond them it says when to come again."""

    def __init__(self, app: ASGIApp, most: int = MOST_REQUESTS) -> None:
        self._app = app
        self._most = most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._under_way += 1
        try:
            if self._under_way <= self._most:
                await self._app(scope, receive, send)
            else:
                fault = HubFault(
                    FaultCode.AWAY, "too many are asking now", hint="Ask again in a minute."
                )
                await problem_of(fault)(scope, receive, send)
        finally:
            self._under_way -= 1


class Uploads:
    """Places for uploads: some in all, and a few for each account.

    Who can make keys at will holds no more of them than an address may, and all newcomers together
    leave some to those of whom something was admitted.
    """

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def place(self, account: str, address: str, *, is_known: bool) -> Generator[None]:
        """Take a place while bytes come.

        Args:
            account: who sends.
            address: from where; counted in memory alone, while it lasts.
            is_known: whether anything of this account was ever admitted.

        Raises:
            HubFault: all are taken.
        """
        limits = {_ALL: MOST_UPLOADS, f"account {account}": MOST_UPLOADS_EACH}
        if not is_known:
            limits |= {_NEW: MOST_UPLOADS_NEW, f"address {address}": MOST_UPLOADS_THERE}
        with self._lock:
            if any(self._under_way[name] >= most for name, most in limits.items()):
                raise HubFault(
                    FaultCode.RATE_LIMIT,
                    "too many uploads are under way",
                    hint="Send one after the other.",
                )
            self._under_way.update(limits.keys())
        try:
            yield
        finally:
            with self._lock:
                self._under_way.subtract(limits.keys())
                for name in limits:
                    if not self._under_way[name]:
                        del self._under_way[name]
