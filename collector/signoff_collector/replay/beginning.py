"""Resolve the start of playback: a given moment, or a duration before the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode

_DURATION: Final = re.compile(r"([1-9][0-9]{0,5})([smh])\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


def first_seq(episode: Episode, *, first: str | None, last: str | None) -> int:
    """Return the `seq` to begin with; 0 by default.

    Args:
        episode: what is played.
        first: a moment, written as for `--at`.
        last: a duration such as `10m`; ignored if `first` is given.

    Raises:
        UsageError: the syntax is wrong.
    """
    if first is not None:
        from signoff_collector.episode.resolving import resolve_at
        from signoff_schemas.at import parse_at

        return max(0, resolve_at(episode, parse_at(first, option="--from")))
    return 0 if last is None else _so_long_before_the_end(episode, last)


def _so_long_before_the_end(episode: Episode, text: str) -> int:
    import numpy as np

    match = _DURATION.match(text)
    if match is None:
        raise UsageError(f"--last {text!r} is not a duration", hint="Use 30s, 10m or 2h.")
    times = episode.times()
    if not len(times):
        return 0
    since = int(times[-1]) - int(match[1]) * _SECONDS[match[2]] * 1_000_000_000
    return int(np.searchsorted(times, since))
