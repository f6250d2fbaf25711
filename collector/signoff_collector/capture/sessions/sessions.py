"""Re-export everything about sessions that other rooms use."""

from __future__ import annotations

from signoff_collector.capture.sessions.seal_notes import (
    SealedAs,
    SealFailure,
    note_seal_begun,
    note_seal_failed,
    note_sealed,
    seal_failure,
    sealed_as,
)
from signoff_collector.capture.sessions.session_folder import (
    EndReason,
    HasRoot,
    Session,
    SessionHold,
    read_session,
)
from signoff_collector.capture.sessions.session_life import (
    end_session,
    hold_workspace,
    is_over,
    join_workspace,
    open_session,
    sweep,
    try_own,
    try_sweep_lock,
)
from signoff_collector.capture.sessions.session_listing import (
    active_session,
    damaged_sessions,
    find_session,
    list_sessions,
    over_sessions,
    waiting_sessions,
)

__all__ = [
    "EndReason",
    "HasRoot",
    "SealFailure",
    "SealedAs",
    "Session",
    "SessionHold",
    "active_session",
    "damaged_sessions",
    "end_session",
    "find_session",
    "hold_workspace",
    "is_over",
    "join_workspace",
    "list_sessions",
    "note_seal_begun",
    "note_seal_failed",
    "note_sealed",
    "open_session",
    "over_sessions",
    "read_session",
    "seal_failure",
    "sealed_as",
    "sweep",
    "try_own",
    "try_sweep_lock",
    "waiting_sessions",
]
