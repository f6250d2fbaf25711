"""What a person asks of recording while it goes on: pause and resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.days.deeds import Deed

from signoff_collector.capture import controls
from signoff_collector.capture.journal.control import PAUSED, PRIVATE

if TYPE_CHECKING:
    from tests.days.day import Day

_TOLD_MS: Final = 2_600
"""Before a pause: what was written before is told by then."""


def _pause(day: Day, deed: Deed) -> str | None:
    if day.truth.is_silent or day.active() is None:
        return None
    day.pass_time(_TOLD_MS)
    reason = PRIVATE if deed.how % 3 == 1 else PAUSED
    seconds = 9 if deed.how % 3 == 2 else None
    for_ns = None if seconds is None else seconds * 10**9
    controls.pause(day.home, day.clock, [day.workspace], for_ns=for_ns, reason=reason)
    day.pause_ends = None if seconds is None else day.world.ms + seconds * 1_000
    day.notice_control()
    day.truth.paused()
    how = f" --for {seconds}s" if seconds else " --private" * (reason == PRIVATE)
    return f"signoff pause{how}"


def _resume(day: Day, _: Deed) -> str | None:
    if not day.truth.is_silent:
        return None
    controls.resume(day.home, day.clock, [day.workspace])
    day.go_on()
    return "signoff resume"


CONTROLLING: Final[dict[str, Callable[[Day, Deed], str | None]]] = {
    "pause": _pause,
    "resume": _resume,
}
