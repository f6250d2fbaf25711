"""Problem details (RFC 9457): the one place that turns a reason into a status of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fastapi.responses import JSONResponse

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.errors import DiskFullError, NetworkError
from signoff_schemas.hub_api import Problem

if TYPE_CHECKING:
    from signoff_schemas.errors import SignoffError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_S: Final = 30
"""What `Retry-After` says where nobody knows better."""
_STATUS: Final[Mapping[FaultCode, int]] = {
    FaultCode.BAD_REQUEST: 400,
    FaultCode.NOT_FOUND: 404,
    FaultCode.RATE_LIMIT: 429,
    FaultCode.NO_TOKEN: 401,
    FaultCode.SCOPE: 403,
    FaultCode.BAD_NONCE: 401,
    FaultCode.UNKNOWN_KEY: 403,
    FaultCode.REVOKED_KEY: 403,
    FaultCode.NOT_MEMBER: 403,
    FaultCode.CODE_USED: 403,
    FaultCode.ACCOUNT_CLOSED: 403,
    FaultCode.LENGTH_NEEDED: 411,
    FaultCode.TOO_LARGE: 413,
    FaultCode.DIGEST_MISMATCH: 422,
    FaultCode.QUOTA: 429,
    FaultCode.DISK_FULL: 507,
    FaultCode.AWAY: 503,
    FaultCode.AUDIENCE: 403,
    FaultCode.NO_BLOB: 409,
    FaultCode.WITHDRAWN: 410,
    FaultCode.SUPERSEDED: 409,
    FaultCode.SUPERSEDES: 409,
    FaultCode.RECORD: 409,
    FaultCode.PROOF: 403,
    FaultCode.LEGAL_HOLD: 409,
    FaultCode.K: 403,
    FaultCode.STALE: 409,
    FaultCode.STOPPED: 409,
    FaultCode.OTHER_VERSIONS: 409,
    FaultCode.PURPOSE: 403,
    FaultCode.GRANT: 403,
    FaultCode.REPLACED: 410,
}
"""Every other reason is 422: understood, and not acceptable."""
_LATER: Final = frozenset({429, 503})


def status_of(code: FaultCode) -> int:
    """Return the status that goes with a reason; a bad signature of a challenge is a 401 too."""
    return _STATUS.get(code, 422)


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str | None = None,
    *,
    retry_s: int = RETRY_S,
    newer: int | None = None,
) -> JSONResponse:
    """Return an answer that says no."""
    body = Problem(
        type=f"urn:signoff:problem:{code}",
        title=str(code).replace("_", " "),
        status=status,
        code=code,
        detail=_line(detail),
        hint=None if hint is None else _line(hint),
        newer=newer,
    )
    headers = {"Cache-Control": "no-store"}
    if status in _LATER:
        headers["Retry-After"] = str(retry_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(mode="json"), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def problem_of(error: SignoffError) -> JSONResponse:
    """Return the answer for an error of ours."""
    if isinstance(error, HubFault):
        return problem(
            status_of(error.code), error.code, error.detail, error.hint, newer=error.newer
        )
    if isinstance(error, DiskFullError):
        return problem(507, FaultCode.DISK_FULL, "there is no room left here", error.hint)
    if isinstance(error, NetworkError):
        hint = "Nothing is lost: ask again in a minute."
        return problem(503, FaultCode.AWAY, "database or store do not answer now", hint)
    return broken()


def broken() -> JSONResponse:
    """Return the answer for a fault of the hub: it repeats nothing of the question."""
    return problem(
        500,
        "broken",
        "the hub met a fault of its own; nothing was half done",
        "Ask again; if it stays, tell whoever runs the hub.",
    )


def _line(text: str) -> str:
    """Return one short line of printable ASCII, whatever an error says."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)[:500] or "-"
