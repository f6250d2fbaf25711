"""HTTP routes of the review page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from signoff_collector.consent.offered_terms import parse_chosen
from signoff_collector.levels.storyline import storyline
from signoff_collector.review.base_tree.rows import base_tree_row
from signoff_collector.review.checking.groups import AskedItems
from signoff_collector.review.checking.naming import repository_row
from signoff_collector.review.final.finals import signed_row
from signoff_collector.review.notes.moments import QUESTION
from signoff_collector.review.serving.answers import (
    bytes_answer,
    error_answer,
    fault_answer,
    json_answer,
)
from signoff_collector.review.serving.bodies import (
    MAX_BYTES,
    MAX_PLAN_BYTES,
    AtRevision,
    Confirmed,
    GroupAction,
    HubAsked,
    ItemsAsked,
    MaskedValue,
    Naming,
    Seen,
    Unmasking,
    parse_body,
    parse_plan_change,
    read_body,
)
from signoff_schemas.errors import NotFoundError, SignoffError

if TYPE_CHECKING:
    from starlette.requests import Request

    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.final.finals import Finals

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One fully read request."""

    body: bytes
    keep: int = 0
    group: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Callbacks of the routes to the server."""

    on_alive: Callable[[], None]
    on_leave: Callable[[], None]
    on_signing: Callable[[bool], None]
    """Called with True before `ssh-keygen` may prompt at the terminal, with False afterwards."""


_Answering = Callable[[Asked], Json | bytes]
_BASE: Final = "/api/base"
_HUB_TERMS: Final = "/api/hub-terms"
_UNLOCKED: Final = frozenset({_BASE, _HUB_TERMS})
"""Served beside other requests: the bytes exist already, or a hub takes its time."""
_KEEP: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_FIRST_REFUSAL: Final = 400


def make_app(reviewing: Reviewing, finals: Finals, events: Events) -> Starlette:
    """Return the ASGI application behind the guard."""
    acts = _Acts(reviewing, finals, events)

    def route(method: str, path: str, answer: _Answering, *, max_bytes: int = MAX_BYTES) -> Route:
        async def endpoint(request: Request) -> Response:
            events.on_alive()
            waits = nullcontext() if path in _UNLOCKED else reviewing.lock
            answered = await _answered(request, answer, waits, max_bytes)
            ahead = acts.ahead.get(path)
            if ahead is not None and answered.status_code < _FIRST_REFUSAL:
                answered.background = BackgroundTask(acts.prepare, ahead)
            return answered

        return Route(path, endpoint, methods=[method])

    routes = [
        route("GET", _BASE, acts.base),
        route("GET", "/api/review", acts.review),
        route("PUT", "/api/plan", acts.change, max_bytes=MAX_PLAN_BYTES),
        route("POST", "/api/plan/undo", acts.undo),
        route("GET", "/api/keeps/{keep}/preview", acts.preview),
        route("POST", "/api/previews/seen", acts.see_preview),
        route("GET", "/api/keeps/{keep}/overview", acts.overview),
        route("GET", "/api/keeps/{keep}/moments", acts.moments),
        route("GET", "/api/keeps/{keep}/check", acts.groups),
        route("POST", "/api/keeps/{keep}/check/{group}", acts.decide),
        route("POST", "/api/keeps/{keep}/check/{group}/items", acts.items),
        route("GET", "/api/keeps/{keep}/check/{group}/places", acts.places),
        route("POST", "/api/keeps/{keep}/final", acts.final),
        route("GET", "/api/keeps/{keep}/digest", acts.digest),
        route("GET", "/api/tasks", acts.tasks),
        route("GET", "/api/final/{sha256}", acts.content),
        route("POST", "/api/final/{sha256}/seen", acts.see),
        route("GET", "/api/final/{sha256}/terms", acts.terms),
        route("POST", "/api/final/{sha256}/sign", acts.sign),
        route("POST", _HUB_TERMS, acts.hub_terms),
        route("GET", "/api/keeps/{keep}/base-tree", acts.base_tree),
        route("GET", "/api/repository", acts.repository),
        route("POST", "/api/repository", acts.name_repository),
        route("GET", "/api/storyline/{sha256}", acts.storyline),
        route("POST", "/api/mask", acts.mask),
        route("POST", "/api/unmask", acts.unmask),
        route("POST", "/api/discard", acts.discard),
        route("POST", "/api/recovery-saved", acts.save_code),
        Route("/api/leave", _at_once(events.on_leave), methods=["POST"]),
        Route("/api/alive", _at_once(events.on_alive), methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})
    app.router.redirect_slashes = False
    return app


class _Acts:
    """One method per route."""

    def __init__(self, reviewing: Reviewing, finals: Finals, events: Events) -> None:
        self._reviewing = reviewing
        self._finals = finals
        self._events = events
        self.ahead: dict[str, Callable[[], None]] = {
            "/api/review": reviewing.warm,
            "/api/plan": reviewing.prepare_preview,
        }
        """Work to do after a response, because the page will request its result next."""

    def base(self, _: Asked) -> bytes:
        return self._reviewing.file.data

    def review(self, _: Asked) -> Json:
        return self._reviewing.told()

    def prepare(self, ahead: Callable[[], None]) -> None:
        with self._reviewing.lock, suppress(Exception):  # just warms the caches
            if not self._reviewing.is_discarded:
                ahead()

    def change(self, asked: Asked) -> Json:
        change = parse_plan_change(asked.body)
        after = self._reviewing.change(change.revision, change.plan, change.parting)
        return self._reviewing.row(after)

    def undo(self, asked: Asked) -> Json:
        undone = self._reviewing.undo(parse_body(AtRevision, asked.body).revision)
        return self._reviewing.row(undone)

    def preview(self, asked: Asked) -> bytes:
        return self._reviewing.preview(asked.keep).data

    def see_preview(self, asked: Asked) -> Json:
        self._reviewing.see_preview(parse_body(Seen, asked.body))
        return {}

    def overview(self, asked: Asked) -> Json:
        return self._reviewing.overview(asked.keep)

    def moments(self, asked: Asked) -> Json:
        return {"question": QUESTION, "moments": self._reviewing.moments(asked.keep)}

    def groups(self, asked: Asked) -> Json:
        return self._reviewing.groups(asked.keep)

    def decide(self, asked: Asked) -> Json:
        action = parse_body(GroupAction, asked.body).action
        return self._reviewing.decide(asked.keep, asked.group, action)

    def items(self, asked: Asked) -> Json:
        body = parse_body(ItemsAsked, asked.body)
        wanted = AskedItems(group=asked.group, first=body.first, count=body.count, find=body.find)
        return self._reviewing.items(asked.keep, wanted).row()

    def places(self, asked: Asked) -> Json:
        return self._reviewing.places(asked.keep, asked.group)

    def final(self, asked: Asked) -> Json:
        made = self._finals.make(asked.keep)
        return made | self._reviewing.row(self._reviewing.store.load())

    def digest(self, asked: Asked) -> Json:
        return {"sha256": self._finals.digest(asked.keep)}

    def tasks(self, _: Asked) -> Json:
        return self._reviewing.row(self._reviewing.store.load())

    def content(self, asked: Asked) -> bytes:
        return self._finals.content(asked.sha256)

    def see(self, asked: Asked) -> Json:
        return self._finals.see(asked.sha256, parse_body(Seen, asked.body))

    def terms(self, asked: Asked) -> Json:
        return self._finals.terms(asked.sha256)

    def hub_terms(self, asked: Asked) -> Json:
        hub = self._finals.hub_terms(parse_body(HubAsked, asked.body).audience)
        return {"hub": None if hub is None else asdict(hub)}

    def sign(self, asked: Asked) -> Json:
        chosen = parse_chosen(asked.body)
        self._events.on_signing(True)
        try:
            signed = signed_row(self._finals.sign(asked.sha256, chosen))
            return signed | self._reviewing.row(self._reviewing.store.load())
        finally:
            self._events.on_signing(False)

    def save_code(self, asked: Asked) -> Json:
        parse_body(Confirmed, asked.body)
        self._finals.is_code_saved = True
        return {}

    def base_tree(self, asked: Asked) -> Json:
        plan = self._reviewing.store.load().plan
        return base_tree_row(self._reviewing.previews, plan, asked.keep)

    def repository(self, _: Asked) -> Json:
        reviewing = self._reviewing
        return repository_row(reviewing.home, reviewing.file.base, reviewing.store.load().plan)

    def name_repository(self, asked: Asked) -> Json:
        body = parse_body(Naming, asked.body)
        return self._reviewing.name_repository(body.revision, body.url, body.spdx)

    def storyline(self, asked: Asked) -> Json:
        """Return what tells the episode that the page shows; the digest names its bytes."""
        shown = self._reviewing.shown(asked.sha256)
        return storyline(shown or self._finals.shared(asked.sha256).episode)

    def mask(self, asked: Asked) -> Json:
        return self._reviewing.mask(parse_body(MaskedValue, asked.body).value)

    def unmask(self, asked: Asked) -> Json:
        body = parse_body(Unmasking, asked.body)
        return self._reviewing.unmask(body.group, confirmed_exact=body.confirmed_exact)

    def discard(self, asked: Asked) -> Json:
        parse_body(Confirmed, asked.body)
        removed = self._reviewing.discard()
        self._events.on_leave()
        return {"discarded": removed}


async def _answered(
    request: Request, answer: _Answering, waits: AbstractContextManager[object], max_bytes: int
) -> Response:
    try:
        asked = Asked(
            body=await read_body(request, max_bytes=max_bytes),
            keep=_keep_number(str(request.path_params.get("keep", "0"))),
            group=str(request.path_params.get("group", "")),
            sha256=str(request.path_params.get("sha256", "")),
        )

        def work() -> Json | bytes:
            with waits:
                return answer(asked)

        found = await run_in_threadpool(work)
    except SignoffError as error:
        return error_answer(error)
    except Exception as fault:  # noqa: BLE001 - whatever it is, none of it goes out
        return fault_answer(fault)
    return bytes_answer(found) if isinstance(found, bytes) else json_answer(found)


def _keep_number(text: str) -> int:
    if not _KEEP.fullmatch(text):
        raise NotFoundError("there is no such included task", hint="They count from 0.")
    return int(text)


def _at_once(event: Callable[[], None]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that does not wait for the review's lock."""

    async def endpoint(_: Request) -> Response:
        event()
        return json_answer({})

    return endpoint


async def _unknown(_: Request, __: Exception) -> Response:
    return json_answer(_NO_SUCH_THING, 404)


_NO_SUCH_THING: Final[Json] = {
    "error": "there is no such address here",
    "hint": "Press Enter in the terminal to open the page again.",
    "exit_code": 10,
}
