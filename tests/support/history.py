"""Sessions with a past, for tests of find, restore and today."""

from __future__ import annotations

from pathlib import Path

from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.capture.sessions.sessions import Session, end_session
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

BEASTS = "\U0001f98a\U0001f600"


def live_session(root: Path, *journals: Journal) -> Session:
    """Return a session that goes on, with journals in it."""
    session = make_session(root)
    for journal in journals:
        journal.write(session.folder)
    return session


def ended_session(root: Path, *journals: Journal) -> Session:
    """Return a session that is over and was not sealed."""
    session = live_session(root, *journals)
    session.ask("stop", clock=SystemClock())
    end_session(resolve_home(), session)
    return session


def masked_session(root: Path, *journals: Journal) -> Session:
    """Return a session of which only the sealed episode is left."""
    session = ended_session(root, *journals)
    seal_session(session, resolve_home(), SystemClock())
    remove_raw(session)
    return session


def typed(root: Path, path: str, *lines: str, writer: str = "lsp", pid: int = 100) -> Journal:
    """Return a journal in which lines were typed key by key into a new file, then saved."""
    journal = Journal(writer, pid, root=root)
    journal.open(path, "")
    for number, line in enumerate(lines):
        place = 0  # in UTF-16 code units, as editors count
        for key in (*line, "\n"):
            journal.change(path, (number, place), (number, place), key)
            place += len(key.encode("utf-16-le")) // 2
        journal.wait(2)
    journal.save(path, "".join(f"{line}\n" for line in lines))
    return journal
