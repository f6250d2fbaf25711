"""The contract: what the app says of itself in OpenAPI, with every answer that it can give.

FastAPI describes paths, parameters and good answers. This adds the answers that say no, each with
the codes that it may carry, so that no route has to repeat them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi.openapi.utils import get_openapi

from signoff_hub.api.problems import MEDIA_TYPE, status_of
from signoff_hub.place.faults import FaultCode
from signoff_schemas.hub_api import Problem
from signoff_schemas.untyped import fields_of, is_fields, items_of

if TYPE_CHECKING:
    from fastapi import FastAPI

_VERSION: Final = "1"
"""Of the API, as in `/v1`: not of the program."""
_ALWAYS: Final = (429, 500, 503)
"""Of every route: too many questions, a fault of the hub, a part of it that is away."""
_WITH_INPUT: Final = (400, 422)
_WITH_BODY: Final = (400, 413, 422, 507)
_WITH_TOKEN: Final = (401, 403)
_BROKEN: Final = "broken"
_ALSO: Final[Mapping[FaultCode, tuple[int, ...]]] = {
    FaultCode.BAD_REQUEST: (405, 422),
    FaultCode.BAD_SIGNATURE: (401,),
}
"""Codes that come with a second status."""
_SCHEMAS: Final = "#/components/schemas"
_HEADERS: Final[Mapping[int, tuple[str, dict[str, object]]]] = {
    401: ("WWW-Authenticate", {"const": "Bearer"}),
    429: ("Retry-After", {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"}),
    503: ("Retry-After", {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"}),
}
"""What comes with a status, always: who to be, and in how many seconds to come again."""


def contract_of(app: FastAPI) -> dict[str, object]:
    """Return the description of an app: the same for every node of one release.

    It is made once: nobody has to be signed in to ask for it, and it costs as much as many answers.
    """
    if app.openapi_schema is not None:
        return app.openapi_schema
    document: dict[str, object] = get_openapi(
        title=app.title, version=_VERSION, summary=app.summary, routes=app.routes
    )
    components = _under(_under(document, "components"), "schemas")
    components["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    for path in _under(document, "paths").values():
        for method, operation in fields_of(path).items():
            for status in _describe(method, fields_of(operation)):
                components.setdefault(f"Problem{status}", _problem(status))
    app.openapi_schema = document
    return document


def codes_of(status: int) -> tuple[str, ...]:
    """Return the codes that an answer of this status may carry."""
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return (_BROKEN,)
    return tuple(
        code.value
        for code in FaultCode
        if status == status_of(code) or status in _ALSO.get(code, ())
    )


def _problem(status: int) -> dict[str, object]:
    """Return the schema of an answer that says no with a status."""
    of_status = {
        "properties": {"status": {"const": status}, "code": {"enum": list(codes_of(status))}}
    }
    return {"allOf": [{"$ref": f"{_SCHEMAS}/Problem"}, of_status]}


def _describe(method: str, operation: dict[str, object]) -> Iterator[int]:
    """Give an operation its summary, and all answers that say no; yield their statuses."""
    if scopes := operation.get("security"):
        operation["security"] = _any_of(scopes)
    said = operation.get("description")
    if isinstance(said, str):
        operation["summary"] = said.partition("\n")[0].rstrip(".")
    answers = _under(operation, "responses")
    answers.pop("4XX", None)
    for status in _statuses(operation):
        answers.setdefault(str(status), {})
    for name, answer in sorted(answers.items()):
        if not name.isdecimal() or not is_fields(answer):
            continue
        if int(name) >= 400:
            refusal = _refusal(int(name), has_body=method != "head")
            if _is_own(answer):  # said beside the problem, as how a node is
                _under(refusal, "content").update(fields_of(answer["content"]))
            answers[name] = refusal
            if "content" in refusal:
                yield int(name)
    operation["responses"] = dict(sorted(answers.items()))


def _statuses(operation: Mapping[str, object]) -> set[int]:
    found: set[int] = set(_ALWAYS)
    if operation.get("parameters"):
        found.update(_WITH_INPUT)
    if operation.get("requestBody"):
        found.update(_WITH_BODY)
    if operation.get("security"):
        found.update(_WITH_TOKEN)
    return found


def _is_own(answer: Mapping[str, object]) -> bool:
    """Tell whether a route says itself what it answers; FastAPI's own words of 422 are none."""
    schema = fields_of(answer.get("content")).get("application/json")
    return schema is not None and "HTTPValidationError" not in str(schema)


def _refusal(status: int, *, has_body: bool) -> dict[str, object]:
    codes = codes_of(status)
    answer: dict[str, object] = {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes) or 'no'}"
    }
    if has_body:
        schema = {"$ref": f"{_SCHEMAS}/Problem{status}"}
        answer["content"] = {MEDIA_TYPE: {"schema": schema}}
    if status in _HEADERS:
        name, form = _HEADERS[status]
        answer["headers"] = {name: {"required": True, "schema": form}}
    return answer


def _any_of(security: object) -> list[dict[str, list[str]]]:
    """Return the tokens that do: OpenAPI reads scopes in one list as all of them, apart as any."""
    return [
        {name: [str(scope)]}
        for one in items_of(security)
        for name, scopes in fields_of(one).items()
        for scope in items_of(scopes)
    ]


def _under(held: dict[str, object], name: str) -> dict[str, object]:
    """Return the object of a name, made if it is not there."""
    found = held.setdefault(name, {})
    return fields_of(found)
