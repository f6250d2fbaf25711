"""A session's folder becomes an episode file, once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session, signoff

from signoff_collector.capture.sessions.sessions import read_session, seal_failure
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.usefixtures("compiled_engine")


def _typed(session_folder: Path, root: Path) -> None:
    journal = Journal(root=root)
    journal.open("a.py", "x = '😀🦊'\n")
    journal.change("a.py", (0, 9), (0, 9), "!")
    journal.save("a.py", "x = '😀🦊!'\n")
    journal.write(session_folder)


def test_a_session_becomes_an_episode_that_the_strict_check_accepts(
    home: Path, tmp_path: Path
) -> None:
    session = make_session(tmp_path / "project")
    _typed(session.folder, session.root)
    sealed = seal_session(session, resolve_home(), SystemClock())
    episode = strict_check(sealed.path.read_bytes())
    assert sealed.steps == episode.step_count
    assert sealed.path.parent == home / "data" / "episodes"


def test_sealing_again_gives_the_same_file(home: Path, tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    _typed(session.folder, session.root)
    first = seal_session(session, resolve_home(), SystemClock())
    assert seal_session(read_session(session.folder), resolve_home(), SystemClock()) == first
    assert len(list((home / "data" / "episodes").iterdir())) == 1


def test_an_upgrade_meanwhile_says_nothing_of_the_session(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules that are gone when they are wanted are there again in the next installation."""
    session = make_session(tmp_path / "project")
    _typed(session.folder, session.root)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "signoff_collector.seal.gathering.gather", None)
        with pytest.raises(ImportError):
            seal_session(session, resolve_home(), SystemClock())
    assert seal_failure(session) is None
    assert seal_session(session, resolve_home(), SystemClock()).steps


def test_the_verb_seals_the_newest_session_of_the_folder(home: Path, tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    _typed(session.folder, session.root)
    result = signoff("seal", "--json", cwd=session.root)
    assert result.returncode == 0, result.stderr
    row = json.loads(result.stdout.splitlines()[-1])
    assert row["session"] == session.id
    strict_check(Path(row["episode"]).read_bytes())
