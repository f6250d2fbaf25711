"""HTTP server of one review: 127.0.0.1, an ephemeral port, until the review ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Final

import uvicorn

from signoff_collector.page.bundle import ReviewPage, render_page
from signoff_collector.review.serving.access import Access
from signoff_collector.review.serving.connections import MAX_HEAD_BYTES, WatchedProtocol
from signoff_collector.review.serving.guard import Guard
from signoff_collector.review.serving.redirects import Redirects
from signoff_collector.review.serving.routes import Events, make_app
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.final.finals import Finals

LOOPBACK: Final = "127.0.0.1"
UNOPENED_S: Final = 1800.0
"""Seconds until the server exits if nobody opens the page."""
GONE_S: Final = 900.0
"""Seconds until it exits if the page is silent; browsers throttle background tabs."""
_IDLE_S: Final = 120
_LAST_S: Final = 2


class ReviewServer:
    """Serves one review to one window at a time.

    Args:
        reviewing: what it is about.
        finals: what it may end in.
        on_reload: told when the page was loaded again.
        on_fault: told the kind of a fault of ours, never what was in hand.
        on_signing: told before and after something may be asked at the terminal.
        unopened_s, gone_s: after how long without a page it ends by itself.
    """

    def __init__(
        self,
        reviewing: Reviewing,
        finals: Finals,
        *,
        on_reload: Callable[[], None] = lambda: None,
        on_fault: Callable[[str], None] = lambda _: None,
        on_signing: Callable[[bool], None] = lambda _: None,
        unopened_s: float = UNOPENED_S,
        gone_s: float = GONE_S,
    ) -> None:
        self._reviewing = reviewing
        self._access = Access()
        self._redirects = Redirects(reviewing.home)
        self._gone_s = gone_s
        self._left_s = unopened_s
        self._host = ""
        self._ending: asyncio.TimerHandle | None = None
        events = Events(on_alive=self._alive, on_leave=self.end, on_signing=on_signing)
        guard = Guard(
            make_app(reviewing, finals, events),
            access=self._access,
            host=lambda: self._host,
            render=self._render,
            on_opened=self._opened,
            on_reload=on_reload,
            on_fault=on_fault,
        )
        self._on_fault = on_fault
        self._server = _QuietServer(_config(guard), self._started)
        self._on_ready: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        """The port, once it listens."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    async def serve(self, on_ready: Callable[[], None]) -> None:
        """Listen, call `on_ready`, and serve until the review ends or the page is gone."""
        asyncio.get_running_loop().set_exception_handler(self._fault)
        self._on_ready = on_ready
        try:
            await self._server.serve()
        except SystemExit:  # uvicorn's way to report that it could not listen
            raise SignoffError(
                f"cannot listen on {LOOPBACK}", hint="`signoff review --terminal` needs no port."
            ) from None
        finally:
            self._redirects.remove()
            if self._ending is not None:
                self._ending.cancel()

    def new_redirect(self) -> Path:
        """Return a private file that redirects to the page once; earlier ones are revoked."""
        path = self._access.new_address()
        return self._redirects.write(f"http://{self._host}/{path}")

    def end(self) -> None:
        """Stop serving, after the pending responses."""
        self._server.should_exit = True

    def _fault(self, _: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
        """Report the kind of a connection error; the event loop would print all of it."""
        fault = context.get("exception")
        if fault is not None and not isinstance(fault, OSError):
            self._on_fault(type(fault).__name__)

    def _started(self) -> None:
        self._host = f"{LOOPBACK}:{self.port}"
        self._wait_for_page()
        self._on_ready()
        asyncio.get_running_loop().run_in_executor(None, self._prepare)

    def _prepare(self) -> None:
        with contextlib.suppress(Exception):  # only sooner what is done again when it is asked
            self._reviewing.prepare()

    def _render(self, bearer: str, nonce: str) -> bytes:
        page = ReviewPage(project=self._reviewing.project, token=bearer, again=self._access.again)
        return render_page(page, nonce)

    def _opened(self) -> None:
        self._redirects.remove()
        self._left_s = self._gone_s
        self._wait_for_page()

    def _alive(self) -> None:
        self._wait_for_page()

    def _wait_for_page(self) -> None:
        """Start the timeout for a silent page."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._left_s, self.end)


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers, and with a callback when it listens."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def main_loop(self) -> None:
        """Call back, then serve until it should exit."""
        self._on_started()
        await super().main_loop()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _config(guard: Guard) -> uvicorn.Config:
    """Return a configuration without logs, server header or trust in proxies."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    return uvicorn.Config(
        guard,
        host=LOOPBACK,
        port=0,
        loop="asyncio",
        http=WatchedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=_LAST_S,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )
