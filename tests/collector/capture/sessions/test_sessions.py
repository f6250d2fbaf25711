"""A session begins with its first writer and ends by itself; many writers share it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.sessions import current_home, workspace
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.sessions import (
    EndReason,
    active_session,
    damaged_sessions,
    end_session,
    find_session,
    join_workspace,
    list_sessions,
    open_session,
    over_sessions,
    read_session,
    try_own,
)
from signoff_schemas.errors import (
    DamagedError,
    DiskFullError,
    NotFoundError,
    RefusedError,
    SessionOverError,
)

HOUR = 3600
pytestmark = pytest.mark.usefixtures("home")


def note(clock: FakeClock) -> dict[str, object]:
    return {"t_boot_ns": clock.boot_ns(), "kind": "note", "text": "😀𝄞"}


def test_all_writers_of_a_workspace_share_one_session(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    first, editor = join_workspace(home, folder, "lsp", clock)
    second, shell = join_workspace(home, folder, "run", clock)
    other, _ = join_workspace(home, workspace(tmp_path / "v"), "lsp", clock)
    with editor, shell:
        editor.append_value(RecordKind.STEP, note(clock))
        shell.append_value(RecordKind.STEP, note(clock))
    assert first == second
    assert other.id != first.id
    assert len(first.journals) == 2
    assert [len(read_journal(path).records) for path in first.journals] == [1, 1]
    assert active_session(home, folder.root, clock) == first
    assert find_session(home, first.id[:20]) == first


def test_the_folder_of_a_session_is_private_and_says_what_it_is(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    before = os.umask(0)
    try:
        session = open_session(
            home, workspace(tmp_path / "w"), clock, fields={"policy_digest": "abc"}
        )
        session.add_blob(b"x")
        session.join("lsp", clock=clock).close()
    finally:
        os.umask(before)
    assert session.root == (tmp_path / "w").resolve()
    assert session.fields["policy_digest"] == "abc"
    assert session.id.startswith("20260921T")
    for path in (session.folder, *session.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert read_session(session.folder) == session


def test_a_session_ends_45_minutes_after_the_last_record_of_any_writer(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session, writer = join_workspace(home, folder, "lsp", clock)
    with writer:
        for _ in range(4):
            clock.advance(40 * 60)
            assert session.end_reason(clock) is None
            writer.append_value(RecordKind.STEP, note(clock))
    clock.advance(44 * 60)
    assert open_session(home, folder, clock) == session
    clock.advance(61)
    assert session.end_reason(clock) is EndReason.IDLE
    assert over_sessions(home, clock) == [session]
    following = open_session(home, folder, clock)
    assert following.id != session.id
    assert session.end_reason(clock) is EndReason.CLOSED


def test_what_sealing_gathered_is_no_journal_of_a_writer(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    session, writer = join_workspace(home, workspace(tmp_path / "w"), "lsp", clock)
    writer.close()
    (written,) = session.journals
    (session.folder / "gathered.journal").write_bytes(written.read_bytes())
    assert session.journals == [written]


def test_sessions_of_one_second_are_listed_oldest_first(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    made = []
    for number in range(9):
        made.append(open_session(home, workspace(tmp_path / str(number)), clock))
        clock.advance(0.01)
    assert list_sessions(home) == made


def test_a_spool_that_grows_keeps_the_session_going(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session = open_session(home, folder, clock)
    spool = session.folder / "shell-1-0a.spool"
    spool.touch(0o600)
    clock.advance(44 * 60)
    os.utime(spool, ns=(clock.wall_ns(), clock.wall_ns()))
    clock.advance(44 * 60)
    assert session.end_reason(clock) is None
    clock.advance(2 * 60)
    assert session.end_reason(clock) is EndReason.IDLE


def test_a_session_ends_after_12_hours_of_work(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session, writer = join_workspace(home, folder, "lsp", clock)
    with writer:
        for _ in range(24):
            assert session.end_reason(clock) is None
            clock.advance(HOUR / 2)
            writer.append_value(RecordKind.STEP, note(clock))
    assert session.end_reason(clock) is EndReason.LONGEST


def test_a_session_ends_with_a_reboot(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session = open_session(home, folder, clock)
    clock.reboot()
    assert session.end_reason(clock) is EndReason.REBOOT
    assert open_session(home, folder, clock).id != session.id


@pytest.mark.parametrize("verb", ["stop", "disable"])
def test_a_session_ends_when_it_is_asked_to(tmp_path: Path, verb: str) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session = open_session(home, folder, clock)
    session.ask("pause", clock=clock)
    assert session.end_reason(clock) is None
    session.ask(verb, clock=clock)
    assert session.end_reason(clock) is EndReason.STOPPED
    assert active_session(home, folder.root, clock) is None


@pytest.mark.parametrize("seconds", [-86_400 * 400, -1, 1, 86_400 * 400])
def test_a_clock_that_is_set_neither_ends_nor_prolongs_a_session(
    tmp_path: Path, seconds: int
) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session, writer = join_workspace(home, folder, "lsp", clock)
    with writer:
        clock.advance(60)
        writer.append_value(RecordKind.STEP, note(clock))
        clock.step_wall(seconds)
        assert session.end_reason(clock) is None
        writer.append_value(RecordKind.STEP, note(clock))
    clock.advance(45 * 60)
    assert session.end_reason(clock) is EndReason.IDLE


def test_nobody_joins_a_session_that_was_owned(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session, writer = join_workspace(home, folder, "lsp", clock)
    assert try_own(session) is None
    assert session.has_writers()
    writer.close()
    assert not session.has_writers()
    assert session.is_active
    owned = try_own(session)
    assert owned is not None
    assert try_own(session) is None
    with pytest.raises(SessionOverError):
        session.join("lsp", clock=clock)
    owned.release()
    with pytest.raises(SessionOverError):
        session.join("lsp", clock=clock)
    following, again = join_workspace(home, folder, "lsp", clock)
    again.close()
    assert following.id != session.id


def test_a_writer_that_holds_an_ended_session_can_still_hand_over(tmp_path: Path) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    session, writer = join_workspace(home, folder, "lsp", clock)
    end_session(home, session)
    with pytest.raises(SessionOverError):
        session.join("git", clock=clock)
    with writer:
        writer.append_value(RecordKind.STEP, note(clock))
        assert try_own(session) is None
    assert len(read_journal(writer.path).records) == 1


def test_a_home_inside_the_workspace_is_refused(tmp_path: Path) -> None:
    home = current_home()
    with pytest.raises(RefusedError) as caught:
        open_session(home, workspace(tmp_path), FakeClock())
    assert caught.value.exit_code == 13
    assert list_sessions(home) == []


def test_blobs_are_named_by_their_content_and_checked(tmp_path: Path) -> None:
    session = open_session(current_home(), workspace(tmp_path / "w"), FakeClock())
    name = session.add_blob("😀𝄞".encode())
    assert session.add_blob("😀𝄞".encode()) == name
    assert session.read_blob(name) == "😀𝄞".encode()
    (session.blobs / name).write_bytes(b"other")
    with pytest.raises(DamagedError):
        session.read_blob(name)
    for wrong in ("../session.json", "0" * 64, "x"):
        with pytest.raises(NotFoundError):
            session.read_blob(wrong)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"root": 5}', b"[" * 100_000, b"\xff", b'{"root": "a\\u0000b"}'],
)
def test_a_damaged_session_is_listed_apart_and_hinders_nothing(
    tmp_path: Path, content: bytes
) -> None:
    home, clock, folder = current_home(), FakeClock(), workspace(tmp_path / "w")
    broken = open_session(home, folder, clock)
    (broken.folder / "session.json").write_bytes(content)
    assert list_sessions(home) == []
    assert damaged_sessions(home) == [broken.folder]
    assert open_session(home, folder, clock).id != broken.id


def test_a_session_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    home, clock = current_home(), FakeClock()
    open_session(home, workspace(tmp_path / "a"), clock)
    open_session(home, workspace(tmp_path / "b"), clock)
    for wrong in ("2", "nothing", ""):
        with pytest.raises(NotFoundError):
            find_session(home, wrong)
    with pytest.raises(NotFoundError):
        read_session(home.sessions / ".lock")


def test_a_full_disk_leaves_no_half_session_and_no_half_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted_small_disk(tmp_path / "small", kib=256) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk))
        home, clock = current_home(), FakeClock()
        session = open_session(home, workspace(tmp_path / "a"), clock)
        session.ask("pause", clock=clock)
        filler = fill(disk)
        with pytest.raises(DiskFullError):
            open_session(home, workspace(tmp_path / "b"), clock)
        with pytest.raises(DiskFullError):
            session.join("lsp", clock=clock)
        with pytest.raises(DiskFullError):
            session.ask("forget", clock=clock, fields={"path": "x" * 8_000})
        assert [path.name for path in home.sessions.glob("*T*")] == [session.id]
        assert session.control.read_bytes().endswith(b"\n")
        assert not session.has_writers()
        filler.unlink()
        assert open_session(home, workspace(tmp_path / "b"), clock).id != session.id


_JOIN = """
import json, os, sys
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
print("ready", flush=True)
sys.stdin.readline()
session, writer = join_workspace(resolve_home(os.environ), Folder(Path(sys.argv[1])), "lsp", clock)
with writer:
    for number in range(100):
        writer.append_value(RecordKind.LSP, [clock.boot_ns(), "m", str(number).encode()])
print(json.dumps([session.id, writer.writer_id]))
"""


def test_processes_that_start_together_agree_on_one_session(tmp_path: Path) -> None:
    home, folder = current_home(), workspace(tmp_path / "w")
    environment = {"PYTHONPATH": ":".join(sys.path), "SIGNOFF_HOME": str(home.root)}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _JOIN, str(folder.root)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    outputs = [child.communicate("go\n", timeout=deadline())[0] for child in children]
    told = [json.loads(output) for output in outputs]
    assert len({session for session, _ in told}) == 1
    assert len({writer for _, writer in told}) == 4
    (session,) = list_sessions(home)
    assert [
        sum(record.kind == RecordKind.LSP for record in read_journal(path).records)
        for path in session.journals
    ] == [100] * 4
