"""The clock of this machine keeps what the rest relies on."""

from __future__ import annotations

import subprocess
import sys

from tests.support.deadline import deadline

from signoff_collector.system.clock import SystemClock


def test_boot_time_never_steps_back() -> None:
    clock = SystemClock()
    times = [clock.boot_ns() for _ in range(2_000)]
    assert times == sorted(times)
    assert all(time > 0 for time in times)


def test_all_processes_of_one_boot_agree_on_its_name() -> None:
    code = "from signoff_collector.system.clock import SystemClock; print(SystemClock().boot_id())"
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert other.stdout.strip() == SystemClock().boot_id()
    assert SystemClock().boot_id()


def test_boot_time_of_another_process_is_comparable() -> None:
    clock = SystemClock()
    before = clock.boot_ns()
    code = "from signoff_collector.system.clock import SystemClock; print(SystemClock().boot_ns())"
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert before <= int(other.stdout) <= clock.boot_ns()
