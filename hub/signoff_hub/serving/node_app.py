"""A node at work: its API, its workers and its hourly jobs, from start to graceful end."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from signoff_hub.admitting.admission import Admission, readers_of
from signoff_hub.api.app import make_app
from signoff_hub.api.asking import Desk, address_of
from signoff_hub.api.bodies import Pace
from signoff_hub.building.doing import PLANNING, jobs_of
from signoff_hub.jobs.runner import Runner
from signoff_hub.receiving.sign_offs import ADMIT
from signoff_hub.statistics.doing import JOBS as FREEZING
from signoff_hub.statistics.doing import schedule_freeze
from signoff_hub.web.pages import Pages
from signoff_hub.withdrawing.doing import JOBS, schedule_sweep
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI
    from starlette.requests import Request

    from signoff_hub.node.node import Node

_UPKEEP_EVERY_S: Final = 60.0


def serve_app(
    node: Node,
    *,
    is_behind_proxy: bool = False,
    pace: Pace = Pace(),  # noqa: B008  (frozen)
) -> FastAPI:
    """Return the app of a node; it starts what works behind it, and ends it with itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        readers = readers_of(node)
        kinds = {ADMIT: Admission(readers=readers), **JOBS, **FREEZING}
        runner = Runner(node=node, kinds=kinds, threads=node.settings.workers)
        stopped = Event()
        upkeep = Thread(target=_look_after, args=(node, stopped), name="upkeep", daemon=True)
        # a long build keeps neither an admission nor a plan waiting
        builder = Runner(node=node, kinds=jobs_of(node))
        planner = Runner(node=node, kinds=PLANNING)
        runner.start()
        builder.start()
        planner.start()
        upkeep.start()
        try:
            yield
        finally:
            stopped.set()
            await to_thread.run_sync(runner.close)
            await to_thread.run_sync(builder.close)
            await to_thread.run_sync(planner.close)
            await to_thread.run_sync(readers.close)
            await to_thread.run_sync(upkeep.join)

    app = make_app(node, lifespan, is_behind_proxy=is_behind_proxy, pace=pace)
    desk: Desk = app.state.desk

    def count(request: Request, asker: str | None) -> None:
        if asker is None:
            desk.strangers.count(address_of(request, desk))
        else:
            desk.signed_in.count(asker)

    pages = Pages(node, count)
    app.add_route("/", pages.front, include_in_schema=False)
    app.mount("/pages", pages.app)
    return app


def _look_after(node: Node, stopped: Event) -> None:
    """Publish the log once a minute; see that sweeps are due, and each quarter is frozen once.

    What is away comes back: a node goes on without its database or its store, and says so at
    `/readyz`. What is damaged is named by whoever verifies the log.
    """
    while True:
        with suppress(SignoffError):
            schedule_sweep(node)
            schedule_freeze(node)
            node.log.publish()
        if stopped.wait(_UPKEEP_EVERY_S):
            return
