"""What several verbs share: the person's own words at this moment, and times in words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.episode.content import Episode
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DAYS_AGO: Final = {"today": 0, "yesterday": 1}
_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_TIME_HINT: Final = "Write 2h, 7d, 10:40, today, yesterday, monday, 2026-11-20 or 2026-11-20T10:40."
_AT_HINT: Final = (
    "Use N, step:S, time:10:40, time:yesterday, time:+1h02m3s, time:2026-01-31T10:00:00Z, start or"
    " end; `signoff show --steps` lists the steps."
)
TIMES: Final = "2h, 7d, 10:40, yesterday, monday, 2026-11-20"
"""What `--help` says of an option that takes a time."""


def add_words(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of such a verb."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="the text, in your own words")


def keep_words(
    kind: Literal["task", "note"], arguments: argparse.Namespace, console: Console
) -> int:
    """Add one step to the session here, and say to which."""
    from signoff_collector.capture.controls import say

    text = " ".join(arguments.text)
    session = say(resolve_home(), SystemClock(), Path.cwd(), kind, text)
    if console.is_json:
        console.row({"kind": kind, "session": session.id})
    console.say(f"Kept in session {session.id}.")
    return 0


def since_ns(text: str, clock: Clock) -> int:
    """Return the wall-clock time that a person's words for a time mean.

    `2h` and `7d` are ago; `10:40` is the last time it was that; `today`, `yesterday`, `monday`
    and `2026-11-20` are midnights of this machine's zone, or that day at a time: `monday 10:40`,
    `2026-11-20T10:40`. RFC 3339 with a zone is taken as it is.

    Raises:
        UsageError: it is none of these.
    """
    moment = _moment(text.strip(), datetime.fromtimestamp(clock.wall_ns() / 1e9).astimezone())
    if moment is not None:
        return round(moment.timestamp() * 1_000_000) * 1000
    from signoff_collector.commands.pause import DURATION, parse_duration_ns

    if DURATION.fullmatch(text.strip()) is None:
        raise UsageError(f"not a time: {text!r}", hint=_TIME_HINT)
    return clock.wall_ns() - parse_duration_ns(text.strip())


def plain_at(text: str, clock: Clock, *, option: str = "--at") -> str:
    """Return `--at` as every reader of it understands it: `time:10:40` becomes a full time.

    Args:
        text: what was typed.
        clock: says what today is.
        option: the option it was typed behind, for the error.

    Raises:
        UsageError: the text names no moment, or holds words for a time that are none.
    """
    from signoff_schemas.at import parse_at

    try:
        parse_at(text, option=option)
    except UsageError as error:
        words = text.removeprefix("time:")
        try:
            wall_ns = since_ns(words, clock)
        except UsageError:
            raise UsageError(str(error), hint=_AT_HINT) from None
        whole = datetime.fromtimestamp(wall_ns // 10**9).astimezone()
        return f"time:{whole.replace(microsecond=wall_ns // 1000 % 1_000_000).isoformat()}"
    return text


def at_in(episode: Episode, text: str) -> str:
    """Return `--at` as `plain_at` does, for the one episode that is played.

    `0:12:30` is a time of the clock if the clock showed it while that episode was recorded;
    else it is counted from the start, as the player shows times.

    Raises:
        UsageError: as `plain_at`.
    """
    from signoff_collector.episode.resolving import resolve_at
    from signoff_schemas.at import parse_at

    plain = plain_at(text, SystemClock())
    shown = _CLOCK.fullmatch(text.removeprefix("time:"))
    if shown is None:
        return plain
    try:
        resolve_at(episode, parse_at(plain))
    except UsageError:
        hours, minutes, seconds = (int(part or 0) for part in shown.groups())
        return f"time:+{hours}h{minutes}m{seconds}s"
    return plain


def _moment(text: str, now: datetime) -> datetime | None:
    """Return a time of a day, None where the words name none."""
    first, _, rest = text.partition(" ")
    day = _day(first.lower(), now)
    if day is not None:
        return _at_clock(day, rest.strip()) if rest.strip() else day
    at_clock = _at_clock(now, text)
    if at_clock is not None:
        return at_clock if at_clock <= now else _at_clock(now - timedelta(days=1), text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone()


def _day(word: str, now: datetime) -> datetime | None:
    """Return the midnight that a day begins with: the last one of that name."""
    if word in _DAYS_AGO:
        ago = _DAYS_AGO[word]
    elif word in _WEEKDAYS:
        ago = (now.weekday() - _WEEKDAYS.index(word)) % 7
    else:
        return None
    return _at_clock(now - timedelta(days=ago), "0:00")


def _at_clock(day: datetime, text: str) -> datetime | None:
    """Return a time of a day, as the clock on the wall shows it there."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second).astimezone()
    except ValueError:
        return None
