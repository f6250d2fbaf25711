"""`forget`, with a real bridge, a real sealer, and kills in the middle."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    Client,
    anchors,
    at,
    bridge,
    enable,
    folded,
    holding,
    wait_for_records,
)
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.controls import say
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.sessions.sessions import (
    Session,
    end_session,
    list_sessions,
    sealed_as,
    try_sweep_lock,
)
from signoff_collector.forgetting.forget_requests import pending_requests
from signoff_collector.forgetting.forgetting import finish_forgetting, forget, make_request
from signoff_collector.kept.episode_files import episode_paths
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.own_files.private_files import FileLock, try_lock
from signoff_collector.seal.gathering.owning import holders_of, owned
from signoff_collector.system.clock import SystemClock
from signoff_collector.text.positions import Encoding
from signoff_schemas.errors import SessionOverError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]

TYPED = "correct-horse-battery"


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    del home
    folder = (tmp_path / "work").resolve()
    folder.mkdir()
    (folder / "a.py").write_text(f"start {EMOJI}\n")
    (folder / "b.py").write_text("other\n")
    enable(folder)
    return folder


def type_secret(editor: Client, folder: Path) -> str:
    """Open a file, type a secret, take it out again."""
    uri = editor.open(folder / "a.py")
    wait_for_records(RecordKind.LSP, 1)
    editor.change(uri, 2, at(0, 0, 0, 0, TYPED))
    editor.change(uri, 3, at(0, 0, 0, len(TYPED), ""))
    wait_for_records(RecordKind.LSP, 3)
    return uri


def test_the_last_minutes_go_from_a_session_that_goes_on(folder: Path, home: Path) -> None:
    with bridge() as editor:
        editor.initialize()
        uri = type_secret(editor, folder)
        assert holding(home, TYPED.encode())
        said = signoff("forget", "--yes", "--last", "5m", cwd=folder)
        assert said.code == 0, said
        assert "stays in the file" in said.out
        assert not holding(home, TYPED.encode())
        editor.change(uri, 4, at(0, 0, 0, 5, "ended"))
        wait_until(
            lambda: folded(uri, Encoding.UTF16) == f"ended {EMOJI}\n", "the text after the gap"
        )
        assert anchors()
        assert editor.quit() == 0
    assert not holding(home, TYPED.encode())
    assert pending_requests(resolve_home()) == ()


def test_one_file_goes_and_the_other_stays(folder: Path, home: Path) -> None:
    with bridge() as editor:
        editor.initialize()
        type_secret(editor, folder)
        other = editor.open(folder / "b.py")
        editor.change(other, 2, at(0, 0, 0, 0, "kept-words "))
        wait_for_records(RecordKind.LSP, 5)
        said = signoff("forget", "--yes", "--path", "a.py", cwd=folder)
        assert said.code == 0, said
        assert not holding(home, TYPED.encode())
        assert holding(home, b"kept-words")
        assert folded(other, Encoding.UTF16) == "kept-words other\n"


def seal_secret(folder: Path) -> None:
    """Leave one sealed episode behind, with a note that holds the secret and one that does not."""
    home, clock = resolve_home(), SystemClock()
    session = say(home, clock, folder, "note", f"{TYPED} one")
    say(home, clock, folder, "note", "kept-words two")
    said = signoff("seal", session.id, cwd=folder)
    assert said.code == 0, said
    assert len(episode_paths(home)) == 1


def shown(home: Home) -> str:
    (path,) = episode_paths(home)
    said = signoff("show", path, "--steps", "--json")
    assert said.code == 0, said
    return said.out


def test_a_sealed_episode_is_made_again_without_the_span(folder: Path, home: Path) -> None:
    seal_secret(folder)
    own = resolve_home()
    assert TYPED in shown(own)
    (session,) = list_sessions(own)
    first, last = sorted(note_times(session))
    between_ns = session.started_wall_ns + (first + last) // 2 - session.started_boot_ns
    done = forget(own, SystemClock(), make_request(SystemClock(), to_wall_ns=between_ns))
    assert not done.waiting
    wait_until(lambda: episode_paths(own), "the session to be sealed again")
    assert TYPED not in shown(own)
    assert "kept-words" in shown(own)
    assert not holding(home, TYPED.encode())


TESTS = str(Path(__file__).parents[3])
SEALER = """
import sys
from signoff_collector.capture.sessions.sessions import list_sessions
from signoff_collector.system.clock import SystemClock
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_schemas.errors import GaveWayError
sys.path.insert(0, sys.argv[2])
from tests.support.deadline import wait_until

def stay(part):
    if part == sys.argv[1]:
        print(part, flush=True)
        wait_until(lambda: False, "somebody to interrupt the sealer")

home, clock = resolve_home(), SystemClock()
(session,) = list_sessions(home)
try:
    with wait_until(session.try_own, "the watcher that a note began to be gone"):
        seal_session(session, home, clock, progress=stay)
except GaveWayError as error:
    print(error)
"""
"""Seals and never gets past one part of it."""


@pytest.mark.parametrize("part", ["reading", "masking"])
def test_a_sealer_at_work_gives_way_to_forgetting(folder: Path, home: Path, part: str) -> None:
    own = resolve_home()
    alone = try_sweep_lock(own)  # or the sweep of the watcher that ends may seal it first
    assert alone is not None
    session = say(own, SystemClock(), folder, "note", f"{TYPED} one")
    end_session(own, session)
    with (
        alone,
        subprocess.Popen(
            [sys.executable, "-c", SEALER, part, TESTS], stdout=subprocess.PIPE, text=True
        ) as sealer,
    ):
        assert sealer.stdout is not None
        assert sealer.stdout.readline() == f"{part}\n"
        assert session.is_owned()
        assert "another Signoff" in holders_of(session)
        said = signoff("forget", "--yes", "--last", "5m", cwd=folder)
        assert said.code == 0, said
        assert "stopped for a `signoff forget`" in sealer.stdout.read()
        assert sealer.wait(deadline()) == 0
    assert pending_requests(own) == ()
    assert not holding(home, TYPED.encode())


def test_who_holds_a_session_is_named(folder: Path) -> None:
    own = resolve_home()
    session = say(own, SystemClock(), folder, "note", TYPED)
    end_session(own, session)
    wait_until(lambda: not session.has_writers(), "who said it to let go")
    with shared(session):
        assert "sealed" not in holders_of(session)
        with (
            pytest.raises(SessionOverError, match=r"in use by .* after 0 s"),
            owned(session, own, SystemClock(), wait_s=0),
        ):
            pass


def shared(session: Session) -> FileLock:
    lock = try_lock(session.alive, is_shared=True, is_created=False)
    assert lock is not None
    return lock


def note_times(session: Session) -> list[int]:
    return [
        record.t_boot_ns
        for path in session.folder.glob("words-*.journal")
        for record in read_journal(path).records
        if record.kind == RecordKind.STEP
    ]


def test_forgetting_an_episode_takes_its_raw_history_along(folder: Path, home: Path) -> None:
    seal_secret(folder)
    said = signoff("forget", "--yes", "last", cwd=folder)
    assert said.code == 0, said
    assert episode_paths(resolve_home()) == []
    assert list_sessions(resolve_home()) == []
    assert not holding(home, TYPED.encode())
    assert not holding(home, b"kept-words")


def test_everything_goes_at_once(folder: Path, home: Path) -> None:
    seal_secret(folder)
    say(resolve_home(), SystemClock(), folder, "task", f"{TYPED} again")
    said = signoff("forget", "--yes", "--all", cwd=folder)
    assert said.code == 0, said
    assert not holding(home, TYPED.encode())
    assert not holding(home, b"kept-words")


def test_a_writer_that_does_not_answer_is_said_and_done_later(folder: Path, home: Path) -> None:
    program = (
        "import sys, pathlib, os\n"
        "from signoff_collector.capture.sessions.sessions import join_workspace\n"
        "from signoff_collector.capture.opt_in.workspaces import find_workspace\n"
        "from signoff_collector.system.clock import SystemClock\n"
        "from signoff_collector.own_files.home import resolve_home\n"
        "home, clock = resolve_home(), SystemClock()\n"
        "workspace = find_workspace(home, pathlib.Path(sys.argv[1]))\n"
        "_, writer = join_workspace(home, workspace, 'deaf', clock)\n"
        "note = {'t_boot_ns': clock.boot_ns(), 'kind': 'note', 'text': sys.argv[2]}\n"
        "writer.append_value(4, note)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    deaf = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), TYPED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with deaf:
        assert deaf.stdout is not None
        assert deaf.stdout.readline() == b"ready\n"
        said = signoff("forget", "--yes", "--last", "5m", cwd=folder)
        assert said.code == 3, said
        assert "--finish" in said.out
        assert "interrupted" in signoff("status", cwd=folder).out
        deaf.kill()
        deaf.wait(deadline())
    said = signoff("forget", "--finish", cwd=folder)
    assert said.code == 0, said
    assert not holding(home, TYPED.encode())
    assert pending_requests(resolve_home()) == ()


_KILLED = """
import os, signal, sys
left = int(sys.argv[1])
real = os.fsync
def fsync(descriptor):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
real_unlink = os.unlink
def unlink(*arguments, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real_unlink(*arguments, **options)
os.unlink = unlink
from signoff_collector.cli import main
sys.exit(main(["forget", "--yes", "--last", "1h", "--everywhere"]))
"""


def test_a_kill_at_any_point_is_made_good_by_the_next_run(
    folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_secret(folder)
    own = resolve_home()
    session = list_sessions(own)[0]
    assert sealed_as(session) is not None
    session.add_blob(TYPED.encode())
    say(own, SystemClock(), folder, "note", f"{TYPED} live")
    point, was_killed = 0, True
    while was_killed:
        copy = tmp_path / f"home-{point}"
        shutil.copytree(home, copy)
        _renew_paths(copy, home)
        monkeypatch.setenv("SIGNOFF_HOME", str(copy))
        killed = subprocess.run(
            [sys.executable, "-c", _KILLED, str(point)],
            cwd=folder,
            capture_output=True,
            timeout=deadline() * 2,
            check=False,
        )
        was_killed = killed.returncode == -9
        assert was_killed or killed.returncode == 0, killed
        own, clock = resolve_home(), SystemClock()
        done = finish_forgetting(own, clock, wait_s=deadline())
        assert not done.waiting, f"after a kill at point {point}"
        if point == 0:  # killed before the request was stored: nothing was promised
            forget(own, clock, make_request(clock), wait_s=deadline())
        _wait_for_sealers(copy)
        assert not holding(copy, TYPED.encode()), f"killed at point {point}"
        shutil.rmtree(copy, ignore_errors=True)  # a sealer may still clear up in it
        point += 1
    assert point > 5


def _renew_paths(copy: Path, original: Path) -> None:
    """Make the note of a copied session name the copied episode."""
    for note in copy.rglob("sealed.json"):
        note.write_text(note.read_text().replace(str(original), str(copy)))


def _wait_for_sealers(home: Path) -> None:
    """Wait until no detached sealer works in a home that is about to be compared."""
    own = Home(root=home)

    def is_quiet() -> bool:
        for session in list_sessions(own):
            if session.is_active or sealed_as(session) is not None:
                continue
            return False
        return True

    wait_until(is_quiet, "the sealers to finish")
