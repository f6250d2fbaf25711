"""What changed after a moment that has gone by is left out of what is told of that moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until
from tests.support.files import CLOCK, Watched, enabled

from signoff_collector.capture.journal.disk_contents import read_disk
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.system.clock import Moment, moment_of

MS = 1_000_000


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:
    del home
    made = tmp_path / "work 🎈𝄞"
    made.mkdir()
    for name in ("early.py", "late.py", "gone.py", "moved.py"):
        (made / name).write_text(f"{name} 🎉\n")
    return made


def a_moment_later(root: Path, clock: FakeClock) -> Moment:
    """Return a moment that all files so far are before, and all to come behind."""
    probe = root.parent / "probe"
    probe.write_bytes(b"")
    before_ns = probe.stat().st_ctime_ns

    def has_ticked() -> bool:
        probe.write_bytes(b"")
        return probe.stat().st_ctime_ns > before_ns

    wait_until(has_ticked, "a tick of the kernel's clock")
    clock.advance(0.001)
    return Moment(clock.boot_ns(), before_ns)


def test_a_burst_is_cut_in_two_at_a_moment(root: Path) -> None:
    watched = Watched(root)
    (root / "early.py").write_text("early 𝄞\n")
    (root / "gone.py").unlink()
    moment = a_moment_later(root, watched.clock)
    (root / "late.py").write_text("late 𝄞\n")
    (root / "new.py").write_text("new 𝄞\n")
    (root / "moved.py").rename(root / "renamed.py")
    watched.clock.advance(1)
    watched.watcher.look()
    first = watched.watcher.burst(is_forced=True, until=moment)
    second = watched.told()
    assert first is not None
    assert second is not None
    assert {item.path for item in first.changed} == {"early.py", "gone.py", "renamed.py"}
    assert first.renamed == [("moved.py", "renamed.py")], "a rename is told whole"
    assert first.first_boot_ns <= first.last_boot_ns <= moment.t_boot_ns
    assert {item.path for item in second.changed} == {"late.py", "new.py"}
    assert moment.t_boot_ns <= second.first_boot_ns <= second.last_boot_ns
    assert watched.told() is None


def test_a_burst_all_before_the_moment_is_told_whole(root: Path) -> None:
    watched = Watched(root)
    (root / "early.py").write_text("early 🎉𝄞\n")
    moment = a_moment_later(root, watched.clock)
    watched.watcher.look()
    first = watched.watcher.burst(is_forced=True, until=moment)
    assert first is not None
    assert [item.path for item in first.changed] == ["early.py"]
    assert watched.told() is None


def test_contents_of_later_files_are_not_taken_for_those_of_the_moment(root: Path) -> None:
    clock = FakeClock()
    _, workspace = enabled(root)
    (root / "gone.py").unlink()
    moment = a_moment_later(root, clock)
    (root / "late.py").write_text("late 𝄞\n")
    (root / "moved.py").chmod(0o700)
    paths = [root / name for name in ("early.py", "late.py", "gone.py", "moved.py")]
    policy = Policy.for_workspace(workspace)
    found = read_disk(root, paths, policy, until_wall_ns=moment.t_wall_ns)
    assert [item.path for item in found] == ["early.py", "gone.py"]
    assert len(read_disk(root, paths, policy)) == len(paths)


@pytest.mark.parametrize(
    ("ago_ms", "is_possible"), [(0, True), (400, True), (600, False), (-5, False)]
)
def test_a_time_that_cannot_be_is_no_moment(ago_ms: int, is_possible: bool) -> None:
    """A clock that was set, a repository copied with its times."""
    clock = FakeClock()
    looked_ns = clock.boot_ns() - 500 * MS
    found = moment_of(clock, clock.wall_ns() - ago_ms * MS, after_boot_ns=looked_ns)
    assert (found is not None) == is_possible
    if found is not None:
        assert clock.boot_ns() - found.t_boot_ns == ago_ms * MS
    assert moment_of(CLOCK, 0, after_boot_ns=0) is None
