"""Record a `restore` in the history, as a command that changed files."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.capture.journal.journal import RecordKind
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

_WRITER: Final = "restore"


def record_restore(
    home: Home, clock: Clock, root: Path, paths: Sequence[str], words: Sequence[str]
) -> bool:
    """Add a command step to the running session of a workspace; none where nothing is recorded.

    Returns whether it was recorded. A failure here does not fail the restore (P7).
    """
    from signoff_collector.capture.sessions.session_listing import active_session

    with suppress(SignoffError, OSError):
        session = active_session(home, root, clock)
        if session is None or session.is_paused(clock):
            return False
        fields = {
            "kind": "command",
            "t_boot_ns": clock.boot_ns(),
            "t_kind": "event",
            "argv": ["signoff", *words],
            "cwd": str(root),
            "agent_marker": agent_marker(os.environ),
            "exit_code": 0,
            "output_state": "none",
            "disk": [_on_disk(session, root, path) for path in paths],
        }
        with session.join(_WRITER, clock=clock) as writer:
            writer.append_value(RecordKind.STEP, fields)
        return True
    return False


def _on_disk(session: Session, root: Path, path: str) -> dict[str, object]:
    """Describe the current file at a path; its content is stored with the session."""
    from signoff_collector.history.files.restoring import present
    from signoff_collector.kept.replaced_files import digest

    now = present(root, path)
    if now.content is None:
        return {"path": path}
    return {
        "path": path,
        "sha256": digest(now.content) if b"\0" in now.content else session.add_blob(now.content),
        "size_bytes": len(now.content),
        "mode": "100755" if now.mode & 0o100 else "100644",
    }
