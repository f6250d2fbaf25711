"""The self-check: each problem from real files and processes, in words, and none without one."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline

from signoff_collector.capture.files.watch_state import WatchMode, WatchState, write_watch_state
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.session_folder import Session, create_session
from signoff_collector.health import at_work, places
from signoff_collector.health.at_work import age, problems
from signoff_collector.health.interface import Level, Line, Reach, Surroundings
from signoff_collector.own_files.home import Home
from signoff_collector.own_files.private_files import try_lock
from signoff_collector.system.clock import Clock, SystemClock
from signoff_collector.system.files.file_systems import file_system_of, will_be_gone

EMOJI = "\U0001f600\U0001f9ea"
MINUTE = 60 * 10**9


@pytest.fixture(autouse=True)
def home_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests' home lies on; the kinds of file systems are tested below."""
    monkeypatch.setattr("signoff_collector.system.files.file_systems.IN_MEMORY", frozenset())
    monkeypatch.setattr("signoff_collector.system.files.file_systems.IN_CONTAINER", frozenset())


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "work").mkdir()
    home = Home(root=tmp_path / "home").ensure()
    return create_session(home, (tmp_path / "work").resolve(), clock=SystemClock())


class Later:
    """The machine's clocks, some minutes on."""

    def __init__(self, minutes: int) -> None:
        self._real = SystemClock()
        self._on_ns = minutes * MINUTE

    def boot_ns(self) -> int:
        return self._real.boot_ns() + self._on_ns

    def wall_ns(self) -> int:
        return self._real.wall_ns() + self._on_ns

    def asleep_ns(self) -> int:
        return self._real.asleep_ns()

    def boot_id(self) -> str:
        return self._real.boot_id()


def found(session: Session, clock: Clock | None = None) -> dict[str, Line]:
    home = Home(root=session.folder.parent.parent.parent)
    around = Surroundings.of(session, home, clock or SystemClock(), session.root)
    return {line.key.partition("-")[0]: line for line in problems(around, Reach.STATUS)}


def put(session: Session, *records: tuple[RecordKind, object], writer: str = "lsp") -> None:
    with session.join(writer, clock=SystemClock(), header_fields={"editor": "Helix"}) as journal:
        for kind, body in records:
            journal.append_value(kind, body)


def saved(path: Path, content: bytes) -> tuple[RecordKind, object]:
    sha256 = hashlib.sha256(content).hexdigest()
    body = {"t_boot_ns": SystemClock().boot_ns(), "uri": path.as_uri(), "disk_sha256": sha256}
    return RecordKind.SAVE, body


def burst(*paths: str, **more: object) -> tuple[RecordKind, object]:
    changed = [{"path": path, "sha256": "0" * 64} for path in paths]
    return RecordKind.FILES, {"t_boot_ns": SystemClock().boot_ns(), "changed": changed, **more}


def test_a_session_that_works_has_no_problem(session: Session) -> None:
    write_watch_state(session, WatchState(mode=WatchMode.INOTIFY, directories=9))
    file = session.root / f"{EMOJI}.py"
    file.write_bytes(b"one\n")
    put(session, saved(file, b"one\n"), burst("b.py"), burst(f"{EMOJI}.py"))
    assert found(session) == {}


def test_a_watcher_that_is_gone_is_told_and_one_that_begins_is_not(session: Session) -> None:
    assert found(session) == {}
    assert "watcher has ended" in found(session, Later(10))["unwatched"].sentence
    lock = try_lock(session.folder / "watcher.lock")
    assert lock is not None
    with lock:
        assert found(session, Later(10)) == {}


def test_what_the_watcher_cannot_see_is_told_in_its_words(session: Session) -> None:
    reason = f"The limit of watched folders is reached {EMOJI}."
    write_watch_state(
        session,
        WatchState(mode=WatchMode.INOTIFY, directories=9, unwatched=2, reason=reason),
    )
    assert found(session)["watch"].sentence == reason


def test_a_killed_writer_is_told_until_one_of_its_kind_records_again(session: Session) -> None:
    program = (
        "import os, sys; sys.path[:] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from signoff_collector.capture.sessions.session_folder import read_session\n"
        "from signoff_collector.system.clock import SystemClock\n"
        "one = read_session(Path(sys.argv[1]))\n"
        "writer = one.join('lsp', clock=SystemClock(), header_fields={'editor': 'Helix'})\n"
        "writer.append_value(4, {'t_boot_ns': SystemClock().boot_ns(), 'kind': 'note'})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    words = [sys.executable, "-c", program, str(session.folder), *sys.path]
    killed = subprocess.run(words, check=False, timeout=deadline())
    assert killed.returncode == -signal.SIGKILL
    assert "Helix was cut off" in found(session)["killed"].sentence
    with session.join("lsp", clock=SystemClock(), header_fields={"editor": "Helix"}) as writer:
        writer.append_value(RecordKind.STEP, {"t_boot_ns": SystemClock().boot_ns(), "kind": "note"})
        assert "killed" not in found(session)
    assert "killed" in found(session), "nobody records in it now"


def test_a_language_that_no_editor_tells_of_is_named(session: Session) -> None:
    put(session, burst("src/a.rs"), burst("src/b.rs"), writer="files")
    assert found(session) == {}, "two are no habit"
    put(session, burst("src/a.rs"), burst("data.json"), burst("data.json"), burst("data.json"))
    problem = found(session)["language"]
    assert "Rust files (.rs) changed on disk 3 times, one alone each time" in problem.sentence
    assert "saved" not in problem.sentence, "`sed -i` saves nothing"
    assert "program such as `sed`" in str(problem.hint)
    body = json.dumps({"textDocument": {"uri": (session.root / "c.rs").as_uri()}}).encode()
    opened = [SystemClock().boot_ns(), "textDocument/didOpen", body]
    put(session, (RecordKind.LSP, opened))
    assert found(session) == {}


def test_many_files_at_once_are_no_saves_of_an_editor(session: Session) -> None:
    for _ in range(3):
        put(session, burst("a.go", "b.go"), burst("c.go", is_bulk=True), writer="files")
        put(session, burst("d.go", is_rescan=True), writer="files")
    assert found(session) == {}


def test_files_that_changed_without_a_step_are_named(session: Session) -> None:
    paths = [session.root / f"{name}{EMOJI}.py" for name in ("same", "changed", "gone")]
    for path in paths:
        path.write_bytes(b"one\n")
    put(session, *(saved(path, b"one\n") for path in paths))
    paths[0].write_bytes(b"one\n")
    paths[1].write_bytes(b"two\n")
    paths[2].unlink()
    real = at_work.SETTLING_NS
    assert found(session) == {}, "a change that young may still be told"
    try:
        at_work.SETTLING_NS = 0  # type: ignore[misc]  # instead of waiting for so long
        problem = found(session)["unexplained"]
        assert problem.sentence == f"Changed on disk without a step: changed{EMOJI}.py."
        git = {"t_boot_ns": SystemClock().boot_ns(), "kind": "git", "operation": "checkout"}
        put(session, (RecordKind.STEP, git), writer="git")
        assert found(session) == {}, "git moved files, and not each is named then"
    finally:
        at_work.SETTLING_NS = real  # type: ignore[misc]


def test_lost_steps_and_a_clock_that_was_set_are_for_status_alone(session: Session) -> None:
    clock = FakeClock(boot_ns=session.started_boot_ns, boot_id=session.boot_id)
    with session.join("run", clock=clock) as writer:
        clock.step_wall(-3 * 3600)
        clock.advance(61)
        gap = {"t_boot_ns": clock.boot_ns(), "kind": "gap", "reason": "dropped", "count": 2}
        writer.append_value(RecordKind.STEP, gap)
    lines = found(session)
    assert "set back by 3 h" in lines["clock"].sentence
    assert "lost 1 time(s)" in lines["dropped"].sentence
    assert all(line.reach is Reach.STATUS for line in lines.values())


def test_a_home_that_does_not_stay_is_told(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/a rw\n"
        f"2 1 0:5 / {str(tmp_path / 'memory disk').replace(' ', chr(92) + '040')} rw - tmpfs t rw\n"
    )
    assert file_system_of(tmp_path, mounts) == "ext4"
    assert file_system_of(tmp_path / "memory disk" / "home", mounts) == "ext4", "not there yet"
    (tmp_path / "memory disk").mkdir()
    assert file_system_of(tmp_path / "memory disk" / "home", mounts) == "tmpfs"
    monkeypatch.undo()
    for kind, word in (("tmpfs", "memory"), ("overlay", "container"), ("ext4", None)):
        said = will_be_gone(tmp_path, kind)
        assert (said is None) if word is None else (said is not None and word in said)
    monkeypatch.setattr(
        "signoff_collector.system.files.file_systems.IN_MEMORY",
        frozenset({file_system_of(tmp_path)}),
    )
    assert "is not stored permanently" in found(session)["place"].sentence


def test_in_a_dev_container_a_home_outside_of_volumes_is_told(tmp_path: Path) -> None:
    mounts = tmp_path / "proc" / "self" / "mountinfo"
    mounts.parent.mkdir(parents=True)
    volume = tmp_path / "volume"
    mounts.write_text(
        f"1 0 8:1 / / rw - zfs tank rw\n2 1 8:2 / {volume} rw - ext4 /dev/b rw\n", "utf-8"
    )
    volume.mkdir()

    def line(home: Path, **environ: str) -> Line:
        named = {"SIGNOFF_HOME": str(home), "HOME": str(tmp_path), **environ}
        return places.disk(Surroundings(environ=named, proc=tmp_path / "proc"))

    assert line(tmp_path / "home").level is Level.OK
    for name, value in (("REMOTE_CONTAINERS", "dev container"), ("CODESPACES", "codespace")):
        said = line(tmp_path / "home", **{name: "true"})
        assert f"lies in the {value} itself" in said.fact
        assert said.hint is not None
        assert "on a volume" in said.hint
        assert line(volume / "home", **{name: "true"}).level is Level.OK


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (99, "99 s"), (100, "1 min"), (5999, "99 min"), (6000, "1 h")],
)
def test_ages_have_one_unit(seconds: int, said: str) -> None:
    assert age(seconds * 10**9) == said
