"""Parses `--at`: one moment of an episode (docs/cli.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from signoff_schemas.errors import UsageError

_HINT: Final = (
    "Use N, step:S, time:+1h02m3s, time:2026-01-31T10:00:00Z, start or end; "
    "`signoff show --steps` lists the steps."
)
_RELATIVE: Final = re.compile(
    r"\+(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,6})m)?(?:(?P<s>\d{1,9})(?:\.(?P<f>\d{1,9}))?s)?\Z",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"\d{1,15}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class AfterEdits:
    """After `n` edits, counted over all files; 0 is before the first."""

    n: int


@dataclass(frozen=True, slots=True)
class AfterStep:
    """After the step with this `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class AtOffset:
    """At this many nanoseconds after the session began."""

    t_ns: int


@dataclass(frozen=True, slots=True)
class AtWallTime:
    """At this moment of the wall clock, in nanoseconds since 1970 UTC."""

    wall_ns: int


@dataclass(frozen=True, slots=True)
class AtStart:
    """Before anything was recorded."""


@dataclass(frozen=True, slots=True)
class AtEnd:
    """After the last step."""


At = AfterEdits | AfterStep | AtOffset | AtWallTime | AtStart | AtEnd
"""One moment, as the person named it."""


def parse_at(text: str, *, option: str = "--at") -> At:
    """Parse a moment; `option` is the name to use in error messages.

    Raises:
        UsageError: the text has none of the valid forms.
    """
    if text == "start":
        return AtStart()
    if text == "end":
        return AtEnd()
    if _NUMBER.match(text):
        return AfterEdits(int(text))
    head, colon, rest = text.partition(":")
    if colon and head == "step" and _NUMBER.match(rest):
        return AfterStep(int(rest))
    if colon and head == "time" and rest:
        return _parse_time(rest, f"{option} {text!r}")
    raise UsageError(f"{option} {text!r} is not a moment", hint=_HINT)


def _parse_time(rest: str, asked: str) -> At:
    relative = _RELATIVE.match(rest)
    if relative and len(rest) > 1:
        seconds = (
            int(relative["h"] or 0) * 3600 + int(relative["m"] or 0) * 60 + int(relative["s"] or 0)
        )
        fraction = (relative["f"] or "").ljust(9, "0")
        return AtOffset(seconds * 1_000_000_000 + int(fraction))
    try:
        moment = datetime.fromisoformat(rest)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(f"{asked} is not an RFC 3339 time with a zone", hint=_HINT)
    since_1970 = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since_1970.days * 86_400 + since_1970.seconds
    return AtWallTime((seconds * 1_000_000 + since_1970.microseconds) * 1000)
