"""Recorded days for the review page whose steps are put together, not typed: quick to make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tests.support.clock import FakeClock
from tests.support.review_page import put_base
from tests.support.sessions import workspace
from tests.support.typist import Typist

from signoff_collector.capture.journal.control import SHARED
from signoff_collector.capture.sessions.session_folder import create_session
from signoff_collector.capture.sessions.sessions import SealedAs, Session, note_sealed
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import Home
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import FilesStep, ViewStep

ASTRAL = "\U0001f600\U0001f603"
OVERLAY, PAUSED, SEEN, WORKED = "draft.md", "src/later.py", "src/seen.py", "src/app.py"
"""Files that differed and were never opened, came from a pause, were looked at, were written."""
UNSEEN_LINE = "the line that nobody scrolled to"


def odd_day() -> Path:
    """Put a day where sealed ones lie that has everything a person may tick, cut and part."""
    typist = Typist()
    typist.add(FilesStep, is_base=True, changed=_changed(typist, {OVERLAY: f"# plans {ASTRAL}\n"}),
               changed_count=1)  # fmt: skip
    typist.begin_task(f"Count words {ASTRAL}")
    typist.open(WORKED, f"# words {ASTRAL}\n")
    typist.type_at_end(WORKED, "def count(text):\n    return 0\n")
    typist.save(WORKED)
    typist.command(["make", "test"], "one test failed\n", exit_code=2)
    typist.commit("count words")
    typist.wait(10_000)
    typist.open(SEEN, f"seen {ASTRAL}\n" + "\n" * 40 + f"{UNSEEN_LINE}\n")
    typist.add(ViewStep, path=SEEN, buffer=0, visible=({"first": 0, "last": 0},))
    typist.open(PAUSED, "", reason="open")
    typist.open(PAUSED, "written in a pause\n", reason="anchor", while_paused=True)
    typist.type_at_end(PAUSED, "later\n")
    typist.save(PAUSED)
    typist.type_at_end(WORKED, "# more\n")
    typist.save(WORKED)
    typist.command(["make", "test"], "all tests passed\n", exit_code=0)
    typist.commit("count words right")
    typist.begin_task("Write down what was learnt")
    typist.open("notes.md", "")
    typist.type_at_end("notes.md", "blanks part words\n")
    typist.save("notes.md")
    return put_base(write_episode(redacted(typist.episode())))


def _changed(typist: Typist, contents: Mapping[str, str]) -> list[dict[str, object]]:
    """Return files of the disk as a `files` step names them."""
    typist.disk |= contents
    encoded = {path: text.encode() for path, text in contents.items()}
    return [
        {"path": path, "mode": "100644", "blob": typist.blob(content), "size_bytes": len(content),
         "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in encoded.items()
    ]  # fmt: skip


def redacted(episode: Episode) -> Episode:
    """Return the episode masked as sealing does it."""
    return Redactor(RedactionPolicy()).redact_episode(episode)


def session_of_day(home: Home, base: Path, root: Path) -> tuple[Session, FakeClock]:
    """Return the session that a day was sealed from, of a workspace that is made for it."""
    clock = FakeClock()
    session = create_session(home, workspace(root).root, clock=clock)
    sha256 = hashlib.sha256(base.read_bytes()).hexdigest()
    note_sealed(session, SealedAs(path=base, sha256=sha256))
    return session, clock


def note_shared_editor(session: Session) -> None:
    """Note that the editor was shared with somebody during a session."""
    session.ask("pause", clock=SystemClock(), fields={"reason": SHARED})
