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
_ALWAYS_SAID: Final = frozenset({FaultCode.RATE_LIMIT, FaultCode.AWAY})
_WITH_INPUT_SAID: Final = frozenset({FaultCode.BAD_REQUEST})
_WITH_BODY_SAID: Final = frozenset(
    {FaultCode.BAD_REQUEST, FaultCode.TOO_LARGE, FaultCode.DISK_FULL}
)
_WITH_TOKEN_SAID: Final = frozenset({FaultCode.NO_TOKEN, FaultCode.SCOPE})
_UPLOAD: Final = frozenset(
    {
        FaultCode.BAD_REQUEST,
        FaultCode.LENGTH_NEEDED,
        FaultCode.TOO_LARGE,
        FaultCode.DIGEST_MISMATCH,
        FaultCode.QUOTA,
        FaultCode.WITHDRAWN,
        FaultCode.DISK_FULL,
    }
)
_NOT_FOUND: Final = frozenset({FaultCode.NOT_FOUND})
_READ: Final = frozenset(
    {FaultCode.GRANT, FaultCode.NOT_FOUND, FaultCode.REPLACED, FaultCode.WITHDRAWN}
)
_SIGNING_IN: Final = "POST /v1/tokens"
OWN_CODES: Final[Mapping[str, frozenset[FaultCode]]] = {
    _SIGNING_IN: frozenset(
        {
            FaultCode.BAD_NONCE,
            FaultCode.BAD_SIGNATURE,
            FaultCode.NOT_MEMBER,
            FaultCode.REVOKED_KEY,
            FaultCode.ACCOUNT_CLOSED,
        }
    ),
    "POST /v1/enrolments": frozenset(
        {FaultCode.BAD_NONCE, FaultCode.BAD_SIGNATURE, FaultCode.CODE_USED}
    ),
    "POST /v1/page-codes": frozenset({FaultCode.SCOPE}),
    "HEAD /v1/blobs/{sha256}": frozenset({FaultCode.NOT_FOUND, FaultCode.WITHDRAWN}),
    "PUT /v1/blobs/{sha256}": _UPLOAD,
    "PUT /v1/blobs/{sha256}/parts/{n}": _UPLOAD,
    "POST /v1/blobs/{sha256}/parts": _UPLOAD - {FaultCode.LENGTH_NEEDED} | {FaultCode.NO_BLOB},
    "PUT /v1/sign-offs/{statement_sha256}": frozenset(
        {
            FaultCode.VOID,
            FaultCode.BAD_SIGNATURE,
            FaultCode.AUDIENCE,
            FaultCode.TERMS,
            FaultCode.PURPOSE,
            FaultCode.NOTICE,
            FaultCode.EXPIRED,
            FaultCode.FUTURE,
            FaultCode.TOO_LARGE,
            FaultCode.UNKNOWN_KEY,
            FaultCode.REVOKED_KEY,
            FaultCode.ACCOUNT_CLOSED,
            FaultCode.SUBJECT,
            FaultCode.NO_BLOB,
            FaultCode.WITHDRAWN,
            FaultCode.SUPERSEDED,
            FaultCode.SUPERSEDES,
            FaultCode.RECORD,
            FaultCode.DIGEST_MISMATCH,
        }
    ),
    "GET /v1/sign-offs/{statement_sha256}": _NOT_FOUND,
    "POST /v1/withdrawals": frozenset({FaultCode.PROOF}),
    "GET /v1/withdrawals/{record_id}": _NOT_FOUND,
    "GET /v1/statistics/{snapshot}": _NOT_FOUND,
    "GET /v1/log/proof": _NOT_FOUND,
    "GET /v1/log/tiles/{path}": _NOT_FOUND,
    "POST /v1/plans": frozenset({FaultCode.PURPOSE, FaultCode.QUOTA}),
    "GET /v1/plans/asked/{asked}": frozenset({FaultCode.NOT_FOUND, FaultCode.K}),
    "GET /v1/plans/{sha256}": _NOT_FOUND,
    "POST /v1/builds": frozenset(
        {FaultCode.NOT_FOUND, FaultCode.PURPOSE, FaultCode.STALE, FaultCode.OTHER_VERSIONS}
    ),
    "GET /v1/builds/{sha256}": _NOT_FOUND,
    "DELETE /v1/builds/{sha256}": _NOT_FOUND,
    "GET /v1/datasets/{name}/{version}": _READ,
    "GET /v1/datasets/{name}/{version}/manifest": _READ,
    "GET /v1/datasets/{name}/{version}/manifest.sig": _READ,
    "GET /v1/datasets/{name}/{version}/croissant": _READ,
    "GET /v1/datasets/{name}/{version}/shards/{sha256}": _READ,
    "GET /v1/datasets/{name}/{version}/proofs": _READ,
    "GET /v1/datasets/{name}/{version}/notice": frozenset({FaultCode.GRANT, FaultCode.NOT_FOUND}),
    "POST /v1/grants": frozenset({FaultCode.EXPIRED, FaultCode.NOT_FOUND, FaultCode.PURPOSE}),
    "DELETE /v1/grants/{grant_id}": _NOT_FOUND,
    "POST /v1/runs": frozenset({FaultCode.GRANT, FaultCode.NOT_FOUND}),
    "GET /v1/runs/{run_id}": _NOT_FOUND,
}
"""What an operation may say no with, beside what its kind says: of input, of a body, of a token.

The client of the tests (`tests/support/hub_requests.py`) refuses an answer with any other code.
"""
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
    for path, methods in _under(document, "paths").items():
        for method, operation in fields_of(methods).items():
            for status in _describe(f"{method.upper()} {path}", fields_of(operation)):
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


def _said_by(name: str, operation: Mapping[str, object]) -> frozenset[FaultCode]:
    """Return every code that an operation may answer with."""
    found = _ALWAYS_SAID | OWN_CODES.get(name, frozenset())
    if operation.get("parameters"):
        found |= _WITH_INPUT_SAID
    if operation.get("requestBody"):
        found |= _WITH_BODY_SAID
    if operation.get("security"):
        found |= _WITH_TOKEN_SAID
    return found


def _describe(name: str, operation: dict[str, object]) -> Iterator[int]:
    """Give an operation its summary, and all answers that say no; yield their statuses."""
    codes = _said_by(name, operation)
    if scopes := operation.get("security"):
        operation["security"] = _any_of(scopes)
    said = operation.get("description")
    if isinstance(said, str):
        operation["summary"] = said.partition("\n")[0].rstrip(".")
    answers = _under(operation, "responses")
    answers.pop("4XX", None)
    for status in _statuses(operation) | {status_of(code) for code in OWN_CODES.get(name, ())}:
        answers.setdefault(str(status), {})
    for told, answer in sorted(answers.items()):
        if not told.isdecimal() or not is_fields(answer):
            continue
        if int(told) >= 400:
            own = _own_codes(name, int(told), codes)
            refusal = _refusal(int(told), own, has_body=not name.startswith("HEAD "))
            if _is_own(answer):  # said beside the problem, as how a node is
                _under(refusal, "content").update(fields_of(answer["content"]))
            answers[told] = refusal
            if "content" in refusal:
                yield int(told)
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


def _own_codes(name: str, status: int, codes: frozenset[FaultCode]) -> list[str]:
    """Return the codes of one answer; a bad signature is a 401 where one signs in."""
    is_elsewhere = {401: name != _SIGNING_IN, 422: name == _SIGNING_IN}.get(status, False)
    wanted = codes - {FaultCode.BAD_SIGNATURE} if is_elsewhere else codes
    return [code for code in codes_of(status) if code == _BROKEN or code in wanted]


def _refusal(status: int, codes: list[str], *, has_body: bool) -> dict[str, object]:
    answer: dict[str, object] = {"description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}"}
    if has_body:
        schema: dict[str, object] = {"$ref": f"{_SCHEMAS}/Problem{status}"}
        if len(codes) < len(codes_of(status)):
            schema = {"allOf": [schema, {"properties": {"code": {"enum": codes}}}]}
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
