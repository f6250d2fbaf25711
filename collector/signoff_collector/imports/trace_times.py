"""Parses the times of editing traces, which writers give in different forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from signoff_collector.episode.columns.times import MAX_NS, MILLISECOND_NS
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.episode.content import Column

_SECONDS_BELOW: Final = 100_000_000_000
"""A bare number below this is Unix time in seconds (up to the year 5138), else milliseconds."""


def wall_ns_of(value: object, number: int) -> int | None:
    """Parse the time of entry `number`: ISO 8601 or Unix time; None if unknown.

    Unix time 0 counts as unknown: some writers use it for a missing time.

    Raises:
        DamagedError: it is neither.
    """
    if value is None:
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value if abs(value) < _SECONDS_BELOW else value / 1000
        else:
            moment = datetime.fromisoformat(str(value))
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return round(seconds * 1000) * MILLISECOND_NS or None
    except (ValueError, OverflowError) as error:
        raise DamagedError(
            f"entry {number} has a time that is neither ISO 8601 nor Unix time"
        ) from error


def filled(told: Sequence[int | None]) -> list[int]:
    """Fill missing times with that of the edit before; return nothing if all are missing."""
    now = next((moment for moment in told if moment is not None), None)
    if now is None:
        return []
    times: list[int] = []
    for moment in told:
        now = now if moment is None else moment
        times.append(now)
    return times


def relative(wall_ns: Sequence[int], count: int) -> tuple[Column, Literal["exact", "1s", "none"]]:
    """Return times relative to the first, never decreasing, and their resolution.

    Raises:
        DamagedError: they span more than MAX_NS.
    """
    if not wall_ns:
        return np.zeros(count, np.int64), "none"
    if max(wall_ns) - wall_ns[0] > MAX_NS or max(map(abs, wall_ns)) >= 1 << 63:
        raise DamagedError("the times span more than 146 years")
    rising = np.maximum.accumulate(np.array(wall_ns, np.int64))
    t_ns = rising - rising[0]
    return t_ns, "exact" if (t_ns % 1_000_000_000).any() else "1s"


def date_of(wall_ns: Sequence[int]) -> str | None:
    """Return the UTC date of the first time; None if there is none or it is out of range."""
    if not wall_ns:
        return None
    try:
        return datetime.fromtimestamp(wall_ns[0] / 1e9, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
