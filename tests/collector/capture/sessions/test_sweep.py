"""Whatever is killed, what is left gets sealed: by one child, not for ever, and failures show."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.files.watch_process import watch
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions import seal_notes, session_life
from signoff_collector.capture.sessions.session_life import in_rounds
from signoff_collector.capture.sessions.sessions import (
    SealedAs,
    Session,
    end_session,
    join_workspace,
    list_sessions,
    note_seal_begun,
    note_seal_failed,
    note_sealed,
    open_session,
    over_sessions,
    seal_failure,
    sealed_as,
    sweep,
    try_own,
    try_sweep_lock,
    waiting_sessions,
)
from signoff_collector.own_files.home import Home
from signoff_schemas.errors import DiskFullError, RefusedError

pytestmark = pytest.mark.usefixtures("home")


class Launches:
    """Counts started sealers."""

    def __init__(self) -> None:
        self.homes: list[Home] = []

    def __call__(self, home: Home) -> None:
        self.homes.append(home)


def test_nothing_left_starts_nothing(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    assert not sweep(home, clock, launch=launch)
    open_session(home, workspace(tmp_path / "w"), clock)
    assert not sweep(home, clock, launch=launch)
    assert launch.homes == []


def test_a_home_that_was_never_used_is_not_created_by_a_sweep(home: Path) -> None:
    assert not sweep(Home(root=home), FakeClock(), launch=Launches())
    assert not home.exists()


def test_one_child_is_started_for_sessions_that_are_over(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    for name in "ab":
        open_session(home, workspace(tmp_path / name), clock)
    clock.advance(46 * 60)
    assert sweep(home, clock, launch=launch)
    assert len(launch.homes) == 1
    running = try_sweep_lock(home)
    assert running is not None
    assert not sweep(home, clock, launch=launch)
    running.release()
    assert sweep(home, clock, launch=launch)


def test_a_session_with_a_living_writer_waits(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    session, writer = join_workspace(home, workspace(tmp_path / "w"), "lsp", clock)
    end_session(home, session)
    assert not sweep(home, clock, launch=launch)
    writer.close()
    assert sweep(home, clock, launch=launch)


def test_a_sealed_session_is_left_alone(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    session = open_session(home, workspace(tmp_path / "w"), clock)
    end_session(home, session)
    note_seal_begun(session, clock)
    sealed = SealedAs(path=home.episodes / "x.episode", sha256="0" * 64)
    note_sealed(session, sealed)
    assert sealed_as(session) == sealed
    assert seal_failure(session) is None
    assert over_sessions(home, clock) == []
    assert not sweep(home, clock, launch=launch)


def test_a_failure_is_kept_for_status_and_given_up_after_three(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    session = open_session(home, workspace(tmp_path / "w"), clock)
    end_session(home, session)
    for attempt in (1, 2, 3):
        assert sweep(home, clock, launch=launch)
        note_seal_begun(session, clock)
        note_seal_failed(session, DiskFullError("no room", hint="make room"), clock)
        failure = seal_failure(session)
        assert failure is not None
        assert (failure.error, failure.hint, failure.exit_code) == ("no room", "make room", 1)
        assert failure.attempts == attempt
    assert not sweep(home, clock, launch=launch)
    assert over_sessions(home, clock) == [session]
    assert waiting_sessions(home, clock) == []


def test_a_sealer_that_is_killed_every_time_is_given_up_too(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    session = open_session(home, workspace(tmp_path / "w"), clock)
    end_session(home, session)
    for _ in range(3):
        assert sweep(home, clock, launch=launch)
        note_seal_begun(session, clock)
    failure = seal_failure(session)
    assert failure is not None
    assert "did not finish" in failure.error
    assert not sweep(home, clock, launch=launch)


def test_what_failed_is_tried_again_only_with_other_input_or_another_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    session = open_session(home, workspace(tmp_path / "w"), clock)
    (session.folder / "t-1-0a.spool").write_text("one\n")
    end_session(home, session)

    def fail() -> None:
        note_seal_begun(session, clock)
        (session.folder / "gathered.journal").write_bytes(b"made by sealing")
        note_seal_failed(session, RefusedError("seen"), clock)

    fail()
    assert waiting_sessions(home, clock) == []
    assert not sweep(home, clock, launch=launch)
    session.ask("forget", clock=clock, fields={"from": "0"})
    assert sweep(home, clock, launch=launch)
    fail()
    assert waiting_sessions(home, clock) == []
    (spool,) = session.spools
    spool.write_text("two 😀🚀\n")
    assert waiting_sessions(home, clock) == [session]
    fail()
    failure = seal_failure(session)
    assert failure is not None
    assert failure.attempts == 1
    monkeypatch.setattr(seal_notes, "__version__", "99.0")
    assert waiting_sessions(home, clock) == [session]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"attempts": "x"}', b"\xff"])
def test_a_damaged_note_hinders_nothing(tmp_path: Path, content: bytes) -> None:
    home, clock = current_home(), FakeClock()
    session = open_session(home, workspace(tmp_path / "w"), clock)
    end_session(home, session)
    (session.folder / "seal-failed.json").write_bytes(content)
    assert waiting_sessions(home, clock) == [session]
    note_seal_begun(session, clock)


def test_folders_whose_maker_was_killed_are_removed(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    unborn = home.sessions / ".new-20260921T000000Z-01234567"
    unborn.mkdir()
    (unborn / "session.json").write_text("{")
    session = open_session(home, workspace(tmp_path / "w"), clock)
    sweep(home, clock, launch=Launches())
    assert not unborn.exists()
    assert list_sessions(home) == [session]


def test_the_sealer_is_our_own_verb_in_our_own_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, clock = current_home(), FakeClock()
    end_session(home, open_session(home, workspace(tmp_path / "w"), clock))
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(
        session_life,
        "launch_detached",
        lambda arguments, *, cwd, extra_env: started.append((arguments, extra_env)),
    )
    assert sweep(home, clock)
    ((arguments, extra_env),) = started
    assert arguments == ["seal", "--sweep"]
    assert extra_env["SIGNOFF_HOME"] == str(home.root)
    assert set(extra_env) <= {"SIGNOFF_HOME", "SIGNOFF_EXACT_VALUES"}


_RECORD_FOR_EVER = """
import os, sys
from dataclasses import dataclass
from pathlib import Path
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import join_workspace
from signoff_collector.system.clock import SystemClock
from signoff_collector.own_files.home import resolve_home

@dataclass
class Folder:
    root: Path

clock = SystemClock()
session, writer = join_workspace(
    resolve_home(os.environ), Folder(Path(sys.argv[1])), sys.argv[2], clock)
number = 0
while True:
    writer.append_value(RecordKind.LSP, [clock.boot_ns(), "m", f"{number}".encode()])
    print(number, flush=True)
    number += 1
    if number % 50 == 0:
        session.add_blob(f"{writer.writer_id} {number}".encode())
"""

_OWN_FOR_EVER = """
import os, sys
from pathlib import Path
from signoff_collector.capture.sessions.sessions import note_seal_begun, list_sessions, try_own
from signoff_collector.system.clock import SystemClock
from signoff_collector.own_files.home import resolve_home
(session,) = list_sessions(resolve_home(os.environ))
lock = try_own(session)
note_seal_begun(session, SystemClock())
print("owned" if lock else "busy", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_sessions_outlive_kill_9_of_writers_and_of_the_sealer(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 repeatable on purpose
    home, folder = current_home(), workspace(tmp_path / "w")
    environment = {"PYTHONPATH": ":".join(sys.path), "SIGNOFF_HOME": str(home.root)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _RECORD_FOR_EVER, str(folder.root), name],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for name in ("lsp", "git", "run")
    ]
    guard = threading.Timer(deadline(), lambda: [child.kill() for child in writers])
    guard.start()
    handed_over = 0
    for child in writers:
        assert child.stdout is not None
        for _ in range(draw.randrange(1, 300)):
            child.stdout.readline()
    for child in draw.sample(writers, len(writers)):
        child.kill()
        output = child.communicate()[0]
        whole = [line for line in output.split(b"\n")[:-1] if line]
        handed_over += int(whole[-1]) + 1 if whole else 1
    guard.cancel()
    (session,) = list_sessions(home)
    assert not session.has_writers()
    end_session(home, session)
    assert waiting_sessions(home, FakeClock()) == [session]

    sealer = subprocess.Popen(
        [sys.executable, "-c", _OWN_FOR_EVER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    guard = threading.Timer(deadline(), sealer.kill)
    guard.start()
    assert sealer.stdout is not None
    assert sealer.stdout.readline() == b"owned\n"
    assert try_own(session) is None
    sealer.kill()
    sealer.communicate()
    guard.cancel()
    owned = try_own(session)
    assert owned is not None
    owned.release()
    assert waiting_sessions(home, FakeClock()) == [session]
    records = [
        record.body
        for path in session.journals
        for record in read_journal(path).records
        if record.kind == RecordKind.LSP
    ]
    assert len(records) >= handed_over
    for blob in session.blobs.glob("[0-9a-f]*"):
        session.read_blob(blob.name)


def test_who_asks_while_a_sweep_is_at_work_is_not_forgotten(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    first = open_session(home, workspace(tmp_path / "a"), clock)
    end_session(home, first)
    rounds: list[list[Session]] = []

    def look() -> None:
        rounds.append(waiting_sessions(home, clock))
        if len(rounds) == 1:  # it has listed what is waiting, and now one more ends
            end_session(home, open_session(home, workspace(tmp_path / "b"), clock))
            assert not sweep(home, clock, launch=launch)

    in_rounds(home, look)
    assert [len(seen) for seen in rounds] == [1, 2]
    assert launch.homes == []


def test_a_sweep_that_comes_second_leaves_the_work_to_the_first(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    end_session(home, open_session(home, workspace(tmp_path / "a"), clock))
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        in_rounds(home, lambda: looks.append(2))

    in_rounds(home, look)
    assert looks == [1]


def test_a_mark_that_was_left_behind_costs_one_round(tmp_path: Path) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    end_session(home, open_session(home, workspace(tmp_path / "a"), clock))
    assert sweep(home, clock, launch=launch)
    assert (home.sessions / ".sweep-again").stat().st_mode & 0o777 == 0o600
    looks: list[int] = []
    in_rounds(home, lambda: looks.append(1))
    assert looks == [1]
    assert not (home.sessions / ".sweep-again").exists()


def test_a_watcher_that_comes_too_late_lets_the_session_be_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, clock, launch = current_home(), FakeClock(), Launches()
    monkeypatch.setattr(session_life, "_launch_sealer", launch)
    session = open_session(home, workspace(tmp_path / "w"), clock)
    end_session(home, session)
    assert watch(home, session, clock)
    assert launch.homes == [home]
