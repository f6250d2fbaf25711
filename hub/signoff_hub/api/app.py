"""The app: routes, limits and words for every error. It decides nothing itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from signoff_collector import __version__
from signoff_hub.api import datasets, grants, health, log, own, runs, signing_in, uploading
from signoff_hub.api.asking import Desk
from signoff_hub.api.bodies import Pace, SmallBodies
from signoff_hub.api.contract import contract_of
from signoff_hub.api.limits import AtOnce, RateLimit, Uploads
from signoff_hub.api.problems import broken, problem, problem_of
from signoff_hub.place.faults import FaultCode
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Lifespan

    from signoff_hub.node.node import Node

_PARTS = (signing_in, uploading, own, datasets, grants, runs, log, health)
_LOOK_UPS_PER_MINUTE = 30
_WORDS = {
    404: (FaultCode.NOT_FOUND, "there is nothing at this address"),
    405: (FaultCode.BAD_REQUEST, "this address does not take that method"),
    400: (FaultCode.BAD_REQUEST, "the request cannot be understood"),
}


def make_app(
    node: Node,
    lifespan: Lifespan[FastAPI] | None = None,
    *,
    is_behind_proxy: bool = False,
    pace: Pace = Pace(),  # noqa: B008  (frozen)
) -> FastAPI:
    """Return the API of a node; who serves it closes the node.

    Args:
        node: whose.
        lifespan: what begins and ends with it.
        is_behind_proxy: whether a proxy says from where a request came.
        pace: how slowly bodies may come.
    """
    app = FastAPI(
        title="Signoff hub",
        version=__version__,
        summary="Receives signed episodes, proves what it did, and forgets when told.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
    )
    per_minute = node.settings.requests_per_minute
    app.state.desk = Desk(
        node=node,
        signed_in=RateLimit(per_minute, node.clock),
        strangers=RateLimit(per_minute, node.clock),
        looking_up=RateLimit(_LOOK_UPS_PER_MINUTE, node.clock),
        uploads=Uploads(),
        pace=pace,
        is_behind_proxy=is_behind_proxy,
    )
    for part in _PARTS:
        app.include_router(part.ROUTES)
    app.openapi = partial(contract_of, app)  # type: ignore[method-assign]  # FastAPI's own way
    app.add_middleware(SmallBodies, pace=pace)
    app.add_middleware(AtOnce)
    app.add_exception_handler(SignoffError, _said)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_ours)
    return app


async def _said(_: Request, error: Exception) -> Response:
    return problem_of(error) if isinstance(error, SignoffError) else broken()


async def _of_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, words = _WORDS.get(status, (FaultCode.BAD_REQUEST, "the hub says no"))
    answer = problem(status, code, words)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    if status == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    return answer


def _methods_of(request: Request) -> set[str]:
    """Return every method that an address takes; Starlette names those of its first route alone."""
    asked = {name: request.scope.get(name, "") for name in ("type", "method", "path", "root_path")}
    return {
        method
        for part in _PARTS
        for route in part.ROUTES.routes
        if isinstance(route, APIRoute) and route.matches(asked)[0] is Match.PARTIAL
        for method in route.methods or ()
    } or {"GET"}  # the description's own


async def _of_validation(_: Request, error: Exception) -> Response:
    """Say where a request is wrong, by names of the schema; never what it said."""
    where = "the request"
    if isinstance(error, RequestValidationError) and error.errors():
        place = [part for part in error.errors()[0]["loc"] if isinstance(part, str)]
        known = [part for part in place if part.isidentifier() and len(part) < 40]
        where = ".".join(known[:1]) or where
    return problem(422, FaultCode.BAD_REQUEST, f"{where} is not as docs/hub/api.md has it")


async def _of_ours(_: Request, __: Exception) -> Response:
    return broken()
