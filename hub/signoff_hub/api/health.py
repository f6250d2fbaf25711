"""Routes for who runs the hub: is it alive, can it work, how much does it hold."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from signoff_hub.api.asking import AtDesk, Operator
from signoff_hub.operating.health import health_of
from signoff_hub.operating.metrics import metrics_of
from signoff_schemas.hub_api import Health

ROUTES = APIRouter(tags=["operating"])


@ROUTES.get("/healthz", response_class=Response, responses={200: {"description": "Alive"}})
def get_health() -> Response:
    """Answer as long as this process does."""
    return Response(status_code=200)


@ROUTES.get("/readyz", responses={503: {"model": Health}})
def get_ready(desk: AtDesk, response: Response) -> Health:
    """Tell whether database, store and disk can be worked with."""
    health = health_of(desk.node)
    if not (health.database and health.store and health.disk):
        response.status_code = 503
        response.headers["Retry-After"] = "10"
    return health


@ROUTES.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "For Prometheus", "content": {CONTENT_TYPE_LATEST: {}}}},
)
def get_metrics(desk: AtDesk, who: Operator) -> Response:
    """Return queue, storage and refusals by reason, as Prometheus reads it; never by person."""
    del who
    return Response(metrics_of(desk.node), media_type=CONTENT_TYPE_LATEST)
