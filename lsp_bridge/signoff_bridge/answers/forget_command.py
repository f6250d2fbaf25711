"""The `signoff.forget` command: erase an entry of the list, or the last minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_bridge.answers.captured_list import range_of
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.forgetting.forget_requests import ForgetRequest
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

MOST_MINUTES: Final = 1_440
_MINUTE_NS: Final = 60 * 10**9


def request_of(
    arguments: Sequence[object], roots: tuple[str, ...], clock: Clock
) -> ForgetRequest | None:
    """Parse the arguments; None if they name nothing valid.

    Args:
        arguments: of the command.
        roots: workspaces of this bridge; minutes mean these.
        clock: for the span.
    """
    from signoff_collector.forgetting.forgetting import make_request

    first = arguments[0] if arguments else None
    if not is_fields(first):
        return None
    named = first
    minutes = named.get("minutes")
    if type(minutes) is int and 0 < minutes <= MOST_MINUTES and roots:
        since_ns = max(0, clock.wall_ns() - minutes * _MINUTE_NS)
        return make_request(clock, from_wall_ns=since_ns, roots=roots)
    span = range_of(named)
    if span is None:
        return None
    session, from_ns, to_ns = span
    offset_ns = clock.wall_ns() - clock.boot_ns()
    request = make_request(
        clock,
        from_wall_ns=from_ns + offset_ns,
        to_wall_ns=to_ns + offset_ns,
        sessions=(session,),
    )
    return replace(request, from_boot_ns=from_ns, to_boot_ns=to_ns)


def forget_span(home: Home, clock: Clock, request: ForgetRequest) -> dict[str, object]:
    """Erase the span and return a summary; waits up to 10 s for all writers to release it."""
    from signoff_collector.forgetting.forgetting import forget

    try:
        done = forget(home, clock, request)
    except (SignoffError, OSError) as error:
        return {"error": str(error)}
    return {
        "records": done.records,
        "sessions": done.sessions,
        "episodes_removed": done.episodes,
        "waiting": done.waiting,
    }
