"""What the processes of a pool do when the one that started them stops, or cannot start them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.support import engine_tasks
from tests.support.deadline import wait_until

from signoff_datasets.engines.interface import Done
from signoff_datasets.engines.pool import PoolEngine
from signoff_schemas.errors import ChildFailedError

ROOT = Path(__file__).resolve().parents[3]
BUILD = """
import sys
from signoff_datasets.engines.pool import PoolEngine
from tests.support.engine_tasks import wait_for_ever
list(PoolEngine(workers=2).run(wait_for_ever, [sys.argv[1]] * 100))
"""


def at_work(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(") ", 1)[1][0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.fixture
def build(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a build of its own process group whose two tasks never end."""
    path = os.pathsep.join(str(ROOT / one) for one in (".", "collector", "schemas", "datasets"))
    started = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_until(lambda: len(at_work(tmp_path)) == 2, "two workers at work")
    yield started
    started.kill()
    started.wait()
    assert started.stderr is not None
    started.stderr.close()


def test_an_interrupt_from_the_keyboard_ends_all_workers(
    build: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, said = build.communicate()
    assert said.count(b"Traceback") == 1  # of the build itself; the workers say nothing
    assert said.rstrip().endswith(b"KeyboardInterrupt")
    assert not any(map(is_alive, at_work(tmp_path)))


def test_workers_end_when_the_build_is_killed(
    build: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    build.kill()
    wait_until(lambda: not any(map(is_alive, at_work(tmp_path))), "workers end")


def test_workers_end_when_the_caller_takes_no_more() -> None:
    outcomes = PoolEngine(workers=2).run(engine_tasks.own_process, range(100))
    one = next(iter(outcomes))
    assert isinstance(one, Done)
    assert is_alive(one.made)
    outcomes.close()  # type: ignore[attr-defined]  # a generator
    assert not is_alive(one.made)


class Counted(Sequence[int]):
    """Inputs that are made when they are asked for, and remember the furthest."""

    furthest = -1

    def __len__(self) -> int:
        return 1_000_000

    def __getitem__(self, at: int) -> int:  # type: ignore[override]
        self.furthest = max(self.furthest, at)
        return at % 7


def test_inputs_are_asked_for_when_a_worker_is_free() -> None:
    inputs = Counted()
    outcomes = PoolEngine(workers=2).run(engine_tasks.double, inputs)
    for _ in range(50):
        next(outcomes)
    assert inputs.furthest < 60
    outcomes.close()  # type: ignore[attr-defined]


def test_workers_that_end_before_they_begin_are_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("multiprocessing.spawn.get_executable", lambda: b"/bin/false")
    with pytest.raises(ChildFailedError, match="3 workers in a row ended before they began"):
        list(PoolEngine(workers=2).run(engine_tasks.double, range(9)))


def test_a_task_that_a_worker_cannot_find_sets_its_inputs_aside(tmp_path: Path) -> None:
    """The others of its size would fail alike, but the engine cannot know."""
    (tmp_path / "gone_task.py").write_text("def run(given): return given\n")
    sys.path.insert(0, str(tmp_path))
    try:
        from gone_task import run  # type: ignore[import-not-found]

        (tmp_path / "gone_task.py").unlink()
        told = list(PoolEngine(workers=1).run(run, [1, 2]))
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules["gone_task"]
    assert [getattr(one, "why", None) for one in told] == [
        "The task raised ModuleNotFoundError."
    ] * 2


def test_workers_are_handed_no_settings_of_the_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_BIND_NOW", "1")
    monkeypatch.setenv("KEPT", "\U0001f98a\U00010348")
    (done,) = PoolEngine(workers=1).run(engine_tasks.environment_of, [("LD_BIND_NOW", "KEPT")])
    assert done == Done(index=0, made=(None, "\U0001f98a\U00010348"))
    assert os.environ["LD_BIND_NOW"] == "1"
