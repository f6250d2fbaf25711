"""`state/active.tsv`: the index by which hooks find an active session without searching folders.

One line per session: real path of the workspace, the session's id, the boot it belongs to, its
latest end (seconds since 1970), the identifier of its opt-in; separated by tabs. The file is
replaced as a whole when a session begins or ends. A line alone proves nothing: a session is active
while its `active` file exists and the boot is the same.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_collector.workspaces.enabled_list import refuse_unwritable
from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.capture.sessions.session_folder import HasRoot, Session
    from signoff_collector.own_files.home import Home

_MAX_BYTES: Final = 4 << 20
_S: Final = 10**9


def active_tsv(home: Home) -> Path:
    """Return the path of the list."""
    return home.state / "active.tsv"


def list_active(home: Home, session: Session, workspace: HasRoot, *, lasts_ns: int) -> None:
    """Add an active session to the list, and drop those that are over.

    The caller holds the lock under which sessions are opened. A path that cannot be written in a
    line is left out: hooks record nothing there.
    """
    with suppress(RefusedError):
        refuse_unwritable(session.root)
        until_s = (session.started_wall_ns + lasts_ns) // _S
        identifier = getattr(workspace, "identifier", "")  # tests open sessions without an opt-in
        words = (os.fspath(session.root), session.id, session.boot_id, str(until_s), identifier)
        line = "\t".join(words)
        known = _lines(home)
        if line in known:
            return
        kept = [other for other in known if _goes_on(home, other) and not _is_of(session, other)]
        text = "".join(f"{each}\n" for each in (*kept, line))
        replace_private(active_tsv(home), text.encode("utf-8", "surrogateescape"))


def drop_ended(home: Home) -> None:
    """Remove sessions that are over from the list; the caller holds the same lock."""
    known = _lines(home)
    kept = [line for line in known if _goes_on(home, line)]
    if kept != known:
        text = "".join(f"{each}\n" for each in kept)
        replace_private(active_tsv(home), text.encode("utf-8", "surrogateescape"))


def _lines(home: Home) -> list[str]:
    try:
        data = read_regular(active_tsv(home), max_bytes=_MAX_BYTES)
    except (NotFoundError, SignoffError):
        return []
    return data.decode("utf-8", "surrogateescape").split("\n")[:-1]


def _goes_on(home: Home, line: str) -> bool:
    words = line.split("\t")
    return (
        len(words) == len(("root", "session", "boot", "until", "identifier"))
        and "/" not in words[1]
        and (home.sessions / words[1] / "active").exists()
    )


def _is_of(session: Session, line: str) -> bool:
    """Whether a line belongs to a session, or to its workspace."""
    root, session_id = line.split("\t")[:2]
    return session_id == session.id or root == os.fspath(session.root)
