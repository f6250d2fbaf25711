"""Sessions as their owner may look into them: which need not be opened at all."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.history import ended_session, live_session, typed

from signoff_collector.history.day.day import collect_day
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

HOUR_NS = 3600 * 10**9


def test_what_was_last_written_before_the_day_is_not_opened(tmp_path: Path, home: Path) -> None:
    del home
    for name in ("over", "live"):
        (tmp_path / name).mkdir()
    over = ended_session(tmp_path / "over", typed(tmp_path / "over", "a 🎉.py", "one = 1"))
    live_session(tmp_path / "live", typed(tmp_path / "live", "b 𝄞.py", "two = 2"))
    clock = SystemClock()
    now_ns = clock.wall_ns()
    for path in (*over.journals, *over.spools):
        os.utime(path, ns=(now_ns - 3 * HOUR_NS, now_ns - 3 * HOUR_NS))
    found = {one.root.name: one for one in local_sessions(resolve_home(), clock)}
    assert found["over"].is_over_before(now_ns)
    assert not found["over"].is_over_before(now_ns - 4 * HOUR_NS)
    assert not found["live"].is_over_before(now_ns)
    collect_day(resolve_home(), clock, since_ns=now_ns - HOUR_NS // 2, until_ns=1 << 62)
    assert not (over.folder / "own.episode").exists(), "today looked into it"
