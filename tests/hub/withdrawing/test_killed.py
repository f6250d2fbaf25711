"""A node that is killed at any point of withdrawal, erasure or sweep: doing it again ends it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.forked import ends_by_itself
from tests.support.hubs import DATABASE, DAY_S, STORE, Place, objects_of, signed
from tests.support.hubs_ended import admitted, by_key, places_of, windows_of

from signoff_hub.database.tables import BLOB, EPISODE, LOG_OPENING, SIGN_OFF, TOMBSTONE
from signoff_hub.node.node import Node
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(DATABASE or STORE), reason="each try begins with a copy of the hub's folder"
    ),
]
START_S, LATER_S = 1_790_000_000, 1_790_000_000 + 20 * DAY_S


def clock(at: int) -> FakeClock:
    return FakeClock(wall_ns=at * 10**9)


def end_all(node: Node, withdrawal: bytes) -> None:
    withdraw(node, withdrawal)
    sweep(node)


def left(node: Node) -> object:
    """Return all that there is, but for the times and salts of leaves."""
    with node.database.read() as connection:
        rows = [
            sorted(str(row) for row in connection.execute(select(table)))
            for table in (SIGN_OFF, EPISODE, BLOB)
        ]
        ended = connection.execute(
            select(TOMBSTONE.c.episode, TOMBSTONE.c.because, TOMBSTONE.c.erased_at)
        )
        told = connection.execute(select(LOG_OPENING.c.entry)).scalars()
        return objects_of(node), rows, sorted(map(tuple, ended)), sorted(told)


def test_killed_at_any_point_a_repetition_ends_alike(tmp_path: Path) -> None:
    start = Place(root=tmp_path / "start")
    node = start.open(clock=clock(START_S))
    gone, over, stays = (
        signed(node, 1),
        signed(node, 2, expires="2026-10-01T00:00:00Z"),
        signed(node, 3),
    )
    for one in (gone, over, stays):
        admitted(node, one)
    node.close()
    needles = windows_of(gone, stays) | windows_of(over, stays)

    def at(name: str) -> Place:
        root = tmp_path / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(start.root, root)
        return Place(root=root)

    whole = at("whole").open(clock=clock(LATER_S))
    end_all(whole, by_key(gone))
    wanted = left(whole)
    whole.close()
    number = 0
    while True:
        number += 1
        place = at("killed")
        is_whole = _runs_whole(place, number, by_key(gone))
        again = place.open(clock=clock(LATER_S))
        end_all(again, by_key(gone))
        assert left(again) == wanted, f"killed at point {number}"
        assert places_of(again, needles) == [], f"killed at point {number}"
        again.close()
        if is_whole:
            break
    assert number > 15


def _runs_whole(place: Place, number: int, withdrawal: bytes) -> bool:
    seen = 0

    def dies(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return ends_by_itself(lambda: end_all(place.open(clock=clock(LATER_S), probe=dies), withdrawal))
