"""What a killed writer left half-written goes; what a running one writes stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.clock import FakeClock
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.forgetting.purging import purge
from signoff_collector.own_files.home import Home

TEXT = "half a line 😀𝄞 that was being written"
_WRITER = """
import os, signal, sys
from pathlib import Path
from signoff_collector.own_files import private_files
private_files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
private_files.replace_private(Path(sys.argv[1]), sys.argv[2].encode())
"""


@pytest.fixture
def own(home: Path) -> Home:
    assert not home.exists()
    return current_home().ensure()


def kill_while_writing(path: Path) -> None:
    """Let a process write `path` and die before the new file gets its name."""
    done = subprocess.run(
        [sys.executable, "-c", _WRITER, str(path), TEXT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()


def texts_left(own: Home) -> list[Path]:
    files = (path for path in own.root.rglob("*") if path.is_file())
    return [path for path in files if TEXT.encode() in path.read_bytes()]


def test_purging_removes_what_killed_writers_left(own: Home, tmp_path: Path) -> None:
    clock = FakeClock()
    session = open_session(own, workspace(tmp_path / "work"), clock)
    session.add_blob(b"kept")
    places = (
        session.folder / "gathered.journal",
        session.blobs / "0123",
        own.episodes / "0123456789abcdef.episode",
        own.config / "workspaces.json",
        own.state / "outbox.json",
    )
    for place in places:
        kill_while_writing(place)
    assert len(texts_left(own)) == len(places)
    mine = own.episodes / f".being-written.{os.getpid()}-00000000.new"
    mine.write_bytes(b"of a process that runs")
    purge(own, clock)
    assert texts_left(own) == []
    assert mine.exists()


def test_forgetting_all_leaves_nothing_half_written(own: Home, tmp_path: Path) -> None:
    workspace(tmp_path / "work")
    kill_while_writing(own.episodes / "0123456789abcdef.episode")
    assert texts_left(own)
    assert signoff("forget", "--yes", "--all").code == 0
    assert texts_left(own) == []
