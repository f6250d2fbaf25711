"""`forget` of a time leaves alone what a restore replaced before that time began."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.clock import FakeClock

from signoff_collector.forgetting.forgetting import forget, make_request, replaced_by_restores
from signoff_collector.kept.replaced_files import ReplacedFile, keep_replaced, read_replaced
from signoff_collector.own_files.home import resolve_home

SECOND = 10**9
ROOT = Path("/work/project")


def restored(clock: FakeClock) -> None:
    one = ReplacedFile(path="a.py", before=b"old\n", mode_before=0o644, sha256_after=None)
    keep_replaced(resolve_home(), clock, ROOT, ["restore", "a.py"], [one])


def last_20_s(clock: FakeClock, pattern: str | None = None) -> bool:
    """Forget the last 20 seconds; say whether what was replaced is still there."""
    start = clock.wall_ns() - 20 * SECOND
    forget(resolve_home(), clock, make_request(clock, from_wall_ns=start, pattern=pattern))
    return read_replaced(resolve_home(), ROOT) is not None


@pytest.mark.parametrize("pattern", [None, "a.py"])
def test_what_was_replaced_before_the_forgotten_time_stays(home: Path, pattern: str | None) -> None:
    del home
    clock = FakeClock()
    restored(clock)
    clock.advance(25)
    assert last_20_s(clock, pattern)
    assert forget(resolve_home(), clock, make_request(clock)) is not None  # all of it
    assert read_replaced(resolve_home(), ROOT) is None


def test_what_was_replaced_within_it_goes(home: Path) -> None:
    del home
    clock = FakeClock()
    restored(clock)
    clock.advance(15)
    assert not last_20_s(clock)


def test_what_was_replaced_after_it_goes_since_it_may_be_of_then(home: Path) -> None:
    del home
    clock = FakeClock()
    earlier = clock.wall_ns() - 60 * SECOND
    restored(clock)
    clock.advance(1)
    request = make_request(clock, to_wall_ns=earlier)
    assert replaced_by_restores(resolve_home(), request)


def test_a_wall_clock_that_was_set_on_does_not_make_it_older(home: Path) -> None:
    del home
    clock = FakeClock()
    restored(clock)
    later = FakeClock(boot_ns=clock.boot_ns() + SECOND, wall_ns=clock.wall_ns() + 3600 * SECOND)
    assert not last_20_s(later)


def test_without_a_known_time_it_goes(home: Path) -> None:
    clock = FakeClock()
    restored(clock)
    (place,) = (home / "state" / "undo").iterdir()
    line, _, body = place.read_bytes().partition(b"\n")
    head = json.loads(line)
    del head["boot_id"], head["t_boot_ns"]  # as releases before wrote it
    place.write_bytes(b"\n".join((json.dumps(head).encode(), body)))
    clock.advance(25)
    assert read_replaced(resolve_home(), ROOT) is not None
    assert not last_20_s(clock)


def test_after_a_reboot_the_wall_clock_decides(home: Path) -> None:
    del home
    clock = FakeClock()
    restored(clock)
    other = "00000000-0000-4000-8000-000000000002"
    wall_ns = clock.wall_ns() + 3600 * SECOND
    assert last_20_s(FakeClock(boot_id=other, boot_ns=40 * SECOND, wall_ns=wall_ns))
    early = FakeClock(boot_id=other, boot_ns=40 * SECOND, wall_ns=clock.wall_ns() + SECOND)
    assert not last_20_s(early)
