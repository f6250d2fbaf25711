"""Requests reach every writer that looks, whole and in order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import FakeClock
from tests.support.deadline import deadline

from signoff_collector.capture.journal.control import (
    ControlReader,
    append_control,
    control_state,
    read_control,
)


def test_a_request_is_seen_at_the_next_look_and_only_once(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "control"
    reader = ControlReader(path, clock)
    assert reader.poll() == []
    append_control(path, "pause", clock=clock, fields={"until": str(clock.boot_ns() + 600)})
    assert reader.poll() == []
    clock.advance(0.25)
    assert [line.verb for line in reader.poll()] == ["pause"]
    clock.advance(0.25)
    assert reader.poll() == []
    append_control(path, "resume", clock=clock)
    append_control(path, "forget", clock=clock, fields={"path": "a b=c\n😀𝄞/%", "from": "0"})
    assert [line.verb for line in reader.poll(is_forced=True)] == ["resume", "forget"]
    assert read_control(path)[2].fields == {"path": "a b=c\n😀𝄞/%", "from": "0"}


def test_the_file_is_looked_at_four_times_a_second_at_most(tmp_path: Path) -> None:
    clock = FakeClock()
    append_control(tmp_path / "control", "stop", clock=clock)
    reader = ControlReader(tmp_path / "control", clock)
    assert len(reader.poll()) == 1
    append_control(tmp_path / "control", "pause", clock=clock)
    for _ in range(249):
        clock.advance(0.001)
        assert reader.poll() == []
    clock.advance(0.001)
    assert len(reader.poll()) == 1


def test_a_pause_lasts_until_its_end_or_until_resume(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "control"
    now = clock.boot_ns()
    append_control(path, "pause", clock=clock, fields={"until": str(now + 100)})
    state = control_state(read_control(path))
    assert state.is_paused(now)
    assert state.is_paused(now + 99)
    assert not state.is_paused(now + 100)
    assert not state.is_paused(now - 1)
    append_control(path, "pause", clock=clock)
    assert control_state(read_control(path)).is_paused(now + 10**18)
    append_control(path, "resume", clock=clock)
    assert not control_state(read_control(path)).is_paused(now + 100)
    assert not control_state(read_control(path)).is_stopped


@pytest.mark.parametrize("verb", ["stop", "disable"])
def test_stop_and_disable_end_the_session_also_after_a_resume(tmp_path: Path, verb: str) -> None:
    clock = FakeClock()
    append_control(tmp_path / "control", verb, clock=clock)
    append_control(tmp_path / "control", "resume", clock=clock)
    assert control_state(read_control(tmp_path / "control")).is_stopped


def test_an_unknown_verb_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="control verb"):
        append_control(tmp_path / "control", "pause\nstop", clock=FakeClock())
    assert not (tmp_path / "control").exists()


def test_a_torn_last_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "control"
    path.write_bytes(b"pause 5 until=9")
    reader = ControlReader(path, clock)
    assert reader.poll(is_forced=True) == []
    with path.open("ab") as file:
        file.write(b"9\n")
    lines = reader.poll(is_forced=True)
    assert lines[0].fields == {"until": "99"}


def test_a_pipe_as_control_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "control")
    assert ControlReader(tmp_path / "control", FakeClock()).poll() == []


@given(data=st.binary(max_size=200))
def test_foreign_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("control") / "control"
    path.write_bytes(data + b"\npause 7\n")
    lines = read_control(path)
    assert lines[-1].verb == "pause"
    assert control_state(lines).is_paused(8)


def test_requests_of_two_processes_reach_a_third(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from signoff_collector.capture.journal.control import append_control\n"
        "from signoff_collector.system.clock import SystemClock\n"
        "for _ in range(50): append_control(Path(sys.argv[1]), 'forget', clock=SystemClock(),"
        " fields={'path': sys.argv[2]})\n"
    )
    path = tmp_path / "control"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), name],
            env={"PYTHONPATH": ":".join(sys.path), "LANG": "C.UTF-8"},
        )
        for name in ("😀𝄞", "b")
    ]
    assert [child.wait(deadline()) for child in children] == [0, 0]
    found = [line.fields["path"] for line in read_control(path)]
    assert sorted(found) == ["b"] * 50 + ["😀𝄞"] * 50
