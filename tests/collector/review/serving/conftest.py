"""A page's server in this process: real sockets, the real application, one fresh home each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.review_page import PageClient, Way, open_page, put_base, recorded_day, way_in

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.final.final_files import FinalFolder
from signoff_collector.review.final.finals import Finals
from signoff_collector.review.serving.server import GONE_S, UNOPENED_S, ReviewServer


@cache
def day_bytes() -> bytes:
    """Return the recorded day as it is sealed; made once for this worker."""
    return write_episode(recorded_day())


@dataclass(slots=True, kw_only=True)
class Served:
    """One server that runs on a thread."""

    home: Home
    base: Path
    reviewing: Reviewing
    finals: Finals
    server: ReviewServer
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    reloads: list[int] = field(default_factory=list[int])

    def new_way(self) -> Way:
        """Return a new way in, as Enter in the terminal makes one."""
        made: list[Path] = []
        done = threading.Event()

        def make() -> None:
            made.append(self.server.new_redirect())
            done.set()

        self.loop.call_soon_threadsafe(make)
        assert done.wait(deadline())
        return way_in(made[0])

    def open(self) -> PageClient:
        """Open the page."""
        return open_page(self.new_way())[0]

    def end(self) -> None:
        """End the server and wait for it."""
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.server.end)
        self.wait()

    def wait(self) -> None:
        """Wait for the end of the server."""
        wait_until(lambda: not self.thread.is_alive(), "the server ends")


@pytest.fixture
def base(home: Path) -> Path:
    """A sealed episode in a fresh home."""
    return put_base(day_bytes())


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., Served]]:
    """Serve the review of an episode; several servers may run at once."""
    with ExitStack() as stack:

        def start(path: Path, *, unopened_s: float = UNOPENED_S, gone_s: float = GONE_S) -> Served:
            place = resolve_home().ensure()
            reviewing = Reviewing(place, open_base_file(path))
            finals = Finals(reviewing, stack.enter_context(FinalFolder(place)))
            reloads: list[int] = []
            server = ReviewServer(
                reviewing,
                finals,
                on_reload=lambda: reloads.append(1),
                unopened_s=unopened_s,
                gone_s=gone_s,
            )
            loop = asyncio.new_event_loop()
            ready = threading.Event()

            def run() -> None:
                try:
                    loop.run_until_complete(server.serve(ready.set))
                    loop.run_until_complete(loop.shutdown_asyncgens())
                finally:
                    loop.close()

            thread = threading.Thread(target=run, daemon=True)
            served = Served(
                home=place, base=path, reviewing=reviewing, finals=finals, server=server,
                loop=loop, thread=thread, reloads=reloads,
            )  # fmt: skip
            stack.callback(served.end)
            thread.start()
            assert ready.wait(deadline())
            return served

        yield start


@pytest.fixture
def served(base: Path, serve: Callable[..., Served]) -> Served:
    """Serve the review of the recorded day."""
    return serve(base)


@pytest.fixture
def kept(served: Served) -> PageClient:
    """Open the page of a review that keeps the first task."""
    client = served.open()
    assert client.put_plan(keeps=[{"task": 1}]).status == 200
    return client
