"""`signoff seal` from outside."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session, signoff
from tests.support.terminal import Terminal

from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
TEXT = "one 😀🦊\n"


def _recorded(root: Path) -> Session:
    session = make_session(root)
    journal = Journal(
        root=session.root, boot_id=session.boot_id, t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )  # fmt: skip
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.write(session.folder)
    return session


def test_how_far_sealing_is_shows_on_a_terminal_and_nowhere_else(
    home: Path, tmp_path: Path
) -> None:
    session = _recorded(tmp_path / "project")
    # Sealing this takes less than the two seconds after which a line shows: here they are none.
    code = (
        "import sys\nfrom signoff_collector.screen.progress_line import ProgressLine\n"
        "ProgressLine.__init__.__kwdefaults__['after_s'] = 0\n"
        "from signoff_collector.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    argv = [sys.executable, "-I", "-c", code, "seal", session.id]
    with Terminal(argv, env=os.environ) as terminal:
        shown = terminal.expect("shows what is in it")
        assert "Sealing" in shown
        assert terminal.end() == 0
    other = _recorded(tmp_path / "other")
    result = signoff("seal", other.id, cwd=other.root)
    assert result.returncode == 0
    assert "Sealing" not in result.stdout + result.stderr


def test_a_session_that_goes_on_is_stopped_and_sealed(home: Path, tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    result = signoff("seal", cwd=session.root)
    assert result.returncode == 0, result.stderr
    assert session.id in result.stdout
    assert not (session.folder / "active").exists()
    assert "stop " in (session.folder / "control").read_text()
    path = next((home / "data" / "episodes").glob("*.episode"))
    assert str(path) in result.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    strict_check(path.read_bytes())


def test_the_last_line_in_json_names_episode_digest_session_and_steps(
    home: Path, tmp_path: Path
) -> None:
    session = _recorded(tmp_path / "project")
    first = signoff("seal", session.id[:20], "--json", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    row = json.loads(first.stdout.splitlines()[-1])
    assert set(row) == {"episode", "sha256", "session", "steps"}
    assert Path(row["episode"]).is_absolute()
    assert Path(row["episode"]).name == f"{row['sha256'][:16]}.episode"
    assert row["steps"] == 2
    again = signoff("seal", session.id, "--json", cwd=tmp_path)
    assert json.loads(again.stdout.splitlines()[-1]) == row
    assert len(list((home / "data" / "episodes").iterdir())) == 1


@pytest.mark.usefixtures("home")
def test_where_nothing_was_recorded_there_is_nothing_to_seal(tmp_path: Path) -> None:
    result = signoff("seal", cwd=tmp_path)
    assert result.returncode == 10
    assert result.stderr.startswith("error: ")
    assert "hint: " in result.stderr
    assert signoff("seal", "20200101T000000Z-00000000", cwd=tmp_path).returncode == 10


@pytest.mark.usefixtures("home")
def test_a_session_without_a_journal_fails_and_says_so_in_its_folder(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    result = signoff("seal", cwd=session.root)
    assert result.returncode == 10
    failed = json.loads((session.folder / "seal-failed.json").read_text())
    assert failed["exit_code"] == 10
    assert session.id in failed["error"]


def test_a_sweep_seals_what_is_over_and_goes_on_after_a_failure(home: Path, tmp_path: Path) -> None:
    over = [_recorded(tmp_path / f"project-{number}") for number in range(2)]
    broken = make_session(tmp_path / "broken")
    going_on = _recorded(tmp_path / "going on")
    for session in [*over, broken]:
        end_session(resolve_home(), session)
    result = signoff("seal", "--sweep", cwd=tmp_path)
    assert result.returncode == 10
    assert all((session.folder / "sealed.json").exists() for session in over)
    assert (broken.folder / "seal-failed.json").exists()
    assert not (going_on.folder / "sealed.json").exists()
    assert len(list((home / "data" / "episodes").glob("*.episode"))) == 2


@pytest.mark.usefixtures("home")
def test_a_sweep_leaves_a_session_that_a_writer_still_holds(tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    with session.join("lsp", clock=SystemClock()):
        end_session(resolve_home(), session)
        assert signoff("seal", "--sweep", cwd=tmp_path).returncode == 0
        assert not (session.folder / "sealed.json").exists()
    assert signoff("seal", "--sweep", cwd=tmp_path).returncode == 0
    assert (session.folder / "sealed.json").exists()


def test_sealing_writes_nothing_into_the_workspace(home: Path, tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    before = sorted(os.walk(session.root))
    assert signoff("seal", cwd=session.root).returncode == 0
    assert sorted(os.walk(session.root)) == before
    assert home.exists()


@pytest.mark.usefixtures("home")
def test_a_home_in_a_work_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    result = signoff("seal", cwd=tmp_path, env={"SIGNOFF_HOME": str(tmp_path / "tree" / "home")})
    assert result.returncode == 13
