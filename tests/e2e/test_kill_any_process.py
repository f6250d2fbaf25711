"""kill -9 any process of a session, at any time: nothing handed over is lost (promise 8)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.deadline import wait_until
from tests.support.seal_sessions import LIMIT_S, make_session, signoff

from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]

SEED = 41
WRITERS = 3
_WRITER = """
import json, sys
from pathlib import Path
from signoff_collector.capture.journal.journal_frames import RecordKind, pack_body
from signoff_collector.capture.sessions.sessions import read_session
from signoff_collector.system.clock import SystemClock
folder, name = Path(sys.argv[1]), sys.argv[2]
session, clock = read_session(folder), SystemClock()
fields = {"encoding": "utf-16", "editor_pid": int(sys.argv[3])}
writer = session.join("lsp", clock=clock, header_fields=fields)
uri = f"file://{session.root}/{name}"
def send(method, params):
    body = [clock.boot_ns(), "textDocument/" + method, json.dumps(params).encode()]
    writer.append(int(RecordKind.LSP), pack_body(body))
document = {"uri": uri, "languageId": "python", "version": 0, "text": "\\U0001f600\\U0001f98a\\n"}
send("didOpen", {"textDocument": document})
version = 0
while True:
    version += 1
    at = {"line": 0, "character": 0}
    changes = [{"range": {"start": at, "end": at}, "text": "x"}]
    send("didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes})
    print(version, flush=True)
"""


@dataclass
class Writer:
    """A process that hands records over and says how many it has."""

    name: str
    process: subprocess.Popen[str]
    handed_over: int = 0

    def wait_for(self, count: int) -> None:
        """Read what it says until it has handed over so many changes."""
        assert self.process.stdout is not None
        while self.handed_over < count:
            line = self.process.stdout.readline()
            assert line, "the writer ended by itself"
            self.handed_over = int(line)

    def kill(self) -> None:
        """SIGKILL it and take in everything it said before."""
        self.process.send_signal(signal.SIGKILL)
        output, _ = self.process.communicate(timeout=LIMIT_S)
        whole = output[: output.rfind("\n") + 1].split()
        self.handed_over = max(self.handed_over, *(int(one) for one in whole), 0)


def _start(session: Session, name: str, editor_pid: int) -> Writer:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(session.folder), name, str(editor_pid)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return Writer(name, process)


def _has_died(session: Session) -> bool:
    return not session.has_writers()


@pytest.mark.usefixtures("home")
def test_writers_killed_at_random_lose_nothing_they_had_handed_over(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    chance = random.Random(SEED)  # noqa: S311
    writers = [_start(session, f"{number}.py", 9000 + number) for number in range(WRITERS)]
    try:
        for writer in writers:
            writer.wait_for(chance.randint(1, 300))
        for writer in chance.sample(writers, len(writers)):
            writer.kill()
    finally:
        for writer in writers:
            writer.process.kill()
            writer.process.wait(LIMIT_S)
    wait_until(lambda: _has_died(session), "the dead writers' locks are gone")
    result = signoff("seal", "--json", cwd=session.root)
    assert result.returncode == 0, result.stderr
    path = Path(json.loads(result.stdout.splitlines()[-1])["episode"])
    episode = strict_check(path.read_bytes())
    assert not check_replay(episode).mismatches
    moments = Moments(episode)
    for number, writer in enumerate(writers):
        texts = [  # right before its editor was lost, which closes what it held
            moments.buffer(life.path, life.buffer, (life.until or episode.step_count) - 1)
            for life in moments.lives()
            if life.path == writer.name
        ]
        typed = max((text or "").count("x") for text in texts)
        assert typed >= writer.handed_over > 0, f"writer {number} lost records"


@pytest.mark.usefixtures("home")
def test_a_session_whose_every_process_died_is_sealed_by_the_sweep(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    writer = _start(session, "a.py", 9000)
    writer.wait_for(20)
    sealer = subprocess.Popen(
        [sys.executable, "-I", "-m", "signoff_collector", "seal", session.id],
        cwd=session.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(lambda: not session.is_active, "the sealer ended the session")
    sealer.kill()
    sealer.wait(LIMIT_S)
    writer.kill()
    wait_until(lambda: _has_died(session), "the dead writer's lock is gone")
    assert signoff("seal", "--sweep", cwd=tmp_path).returncode == 0
    home = Path(os.environ["SIGNOFF_HOME"])
    episode = strict_check(next((home / "data" / "episodes").glob("*.episode")).read_bytes())
    assert len(episode.edits) >= writer.handed_over


@pytest.mark.usefixtures("home")
def test_a_torn_last_frame_costs_only_itself(tmp_path: Path) -> None:
    session = make_session(tmp_path / "project")
    writer = _start(session, "a.py", 9000)
    writer.wait_for(50)
    writer.kill()
    journal = session.journals[0]
    journal.write_bytes(journal.read_bytes()[:-7])
    wait_until(lambda: _has_died(session), "the dead writer's lock is gone")
    result = signoff("seal", "--json", cwd=session.root)
    assert result.returncode == 0, result.stderr
    path = Path(json.loads(result.stdout.splitlines()[-1])["episode"])
    episode = strict_check(path.read_bytes())
    assert len(episode.edits) >= writer.handed_over - 1
    assert any(str(getattr(step, "reason", "")) == "crashed" for step in episode.steps)
