"""HTTP responses to the page: JSON, or an error as the command line prints it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    MisplacedMaskError,
    NotFoundError,
    NotSignedError,
    OutdatedError,
    RefusedError,
    SignoffError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUSES: Final[tuple[tuple[type[SignoffError], int], ...]] = (
    (OutdatedError, 409),
    (UsageError, 400),
    (NotFoundError, 404),
    (DamagedError, 422),
    (NotSignedError, 403),
    (RefusedError, 403),
    (DiskFullError, 507),
)


def json_answer(value: Mapping[str, object], status: int = 200) -> Response:
    """Return a JSON response in ASCII, which no browser can interpret as another type."""
    return Response(
        json.dumps(value, ensure_ascii=True), status_code=status, media_type="application/json"
    )


def bytes_answer(content: bytes) -> Response:
    """Return a binary response that no browser interprets."""
    return Response(content, media_type="application/octet-stream")


def error_answer(error: SignoffError) -> Response:
    """Return an error response; for a misplaced mask with its place."""
    status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 500)
    value: dict[str, object] = {
        "error": str(error),
        "hint": error.hint,
        "exit_code": error.exit_code,
    }
    if isinstance(error, MisplacedMaskError):
        value["at"] = {"seq": error.seq, "file": error.file, "field": error.field}
    return json_answer(value, status)


def fault_answer(fault: Exception) -> Response:
    """Return the response to an internal error, without any recorded content."""
    value = {
        "error": f"an internal error of the review: {type(fault).__name__}",
        "hint": "The plan is saved. Press Enter in the terminal to open the page again.",
        "exit_code": 1,
    }
    return json_answer(value, 500)
