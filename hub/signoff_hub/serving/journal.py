"""What a node writes about itself: one line of JSON an event, and never what somebody sent.

A fault is told by the kind of its error and by where in our code it came up. Its message is left
out: messages of libraries repeat values, and so bodies, keys and digests.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final

_OWN: Final = "signoff_"
_TOLD: Final = ("job", "tries", "error_type")
"""What our own events say beside their name: kinds and types, no values."""
_MOST_PLACES: Final = 12
_ALERTS: Final = {
    "Exceeded concurrency limit.": "full",
    "Invalid HTTP request received.": "bad_request",
    "Exception in ASGI application\n": "fault",
    "a job failed": "job_failed",
    "Cancel %s running task(s), timeout graceful shutdown exceeded": "cut_off",
}
"""Events by the text of their message as uvicorn or we have it, without any values put in."""


class Line(logging.Formatter):
    """Writes an event as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without message, values or paths."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told: dict[str, object] = {
            "at": at,
            "level": record.levelname.lower(),
            "event": _ALERTS.get(str(record.msg), "other"),
        }
        told |= {name: getattr(record, name) for name in _TOLD if hasattr(record, name)}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told |= {"error": type(error).__name__, "where": _where(error)}
        return json.dumps(told)


def journal() -> dict[str, object]:
    """Return the configuration of `logging` for a node: warnings and worse."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Line}},
        "handlers": {"error": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            name: {"handlers": ["error"], "level": "WARNING", "propagate": False}
            for name in ("uvicorn", "uvicorn.error", "asyncio", "signoff_hub")
        },
    }


def _where(error: BaseException) -> list[str]:
    """Return module and line of each frame of ours, the innermost last."""
    places = [
        f"{'.'.join(parts[own:]).removesuffix('.py')}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        for parts in [PurePath(frame.filename).parts]
        for own in [next((n for n, one in enumerate(parts) if one.startswith(_OWN)), None)]
        if own is not None
    ]
    return places[-_MOST_PLACES:]
