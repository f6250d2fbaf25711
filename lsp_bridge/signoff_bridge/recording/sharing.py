"""A shared editor: others may type, so nothing is recorded in its workspaces (threat 25).

The bridge itself stops at once. All other writers are told by a pause in the session's `control`
that ends by itself and is asked for again while the editor is shared: a bridge that is killed
leaves no pause behind. A pause that the person asked for is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.control import SHARED
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_bridge.recording.recording import Recording
    from signoff_collector.system.clock import Clock

LASTS_NS: Final = 120 * 10**9
_RENEWED_NS: Final = 60 * 10**9
"""With so much left at most, it is asked for again."""


def ask_for_sharing(recording: Recording, clock: Clock) -> None:
    """Begin, prolong or end the pause of a shared workspace. Costs nothing where none is due."""
    joined = recording.joined
    if joined is None:
        return
    state, now_ns = joined.control.state, clock.boot_ns()
    is_ours = state.pause_reason == SHARED and state.paused_since_ns is not None
    is_paused = state.is_paused(now_ns)
    try:
        if not recording.is_shared:
            if is_ours and is_paused and recording.has_shared:
                joined.session.ask("resume", clock=clock)
            recording.has_shared = False
        elif not is_paused or (is_ours and (state.paused_until_ns or 0) - now_ns < _RENEWED_NS):
            recording.has_shared = True
            until = {"until": str(now_ns + LASTS_NS), "reason": SHARED}
            joined.session.ask("pause", clock=clock, fields=until)
    except SignoffError:
        return  # no room: nothing is recorded then either
