"""A node that is killed at any point of a build or a refresh: doing it again ends alike."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.forked import ends_by_itself
from tests.support.hubs import DATABASE, STORE, Place
from tests.support.hubs_built import (
    BUILDER,
    PEOPLE,
    asked,
    drawn,
    objects_below,
    run_builds,
    share,
)
from tests.support.hubs_ended import by_key

from signoff_hub.building.asked_plans import ask_plan, read_asked
from signoff_hub.building.builds import begin, read_build
from signoff_hub.building.doing import PLANNING
from signoff_hub.building.plans import list_drawn
from signoff_hub.jobs.runner import LEASE_S, Runner
from signoff_hub.node.node import Node
from signoff_hub.withdrawing.withdrawals import withdraw

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(DATABASE or STORE), reason="each try begins with a copy of the hub's folder"
    ),
]
START_S, LATER_S = 1_790_000_000, 1_790_000_000 + 2 * LEASE_S


def clock(at: int) -> FakeClock:
    return FakeClock(wall_ns=at * 10**9)


def left(node: Node) -> list[tuple[str, bytes]]:
    """Return all objects of plans and data sets."""
    found: list[tuple[str, bytes]] = []
    for key in [*objects_below(node, "datasets"), *objects_below(node, "plans")]:
        pieces = node.objects.pieces(key)
        assert pieces is not None
        found.append((key, b"".join(pieces)))
    return found


def names_left(node: Node) -> list[str]:
    """Return the keys of data sets; a refresh names its day, so the bytes of two differ."""
    return objects_below(node, "datasets")


def same_at_every_point(
    tmp_path: Path,
    start: Place,
    jobs: Callable[[Node], None],
    left: Callable[[Node], object],
) -> int:
    """Kill the jobs at each point in turn; return how many points there were."""

    def at(name: str) -> Place:
        root = tmp_path / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(start.root, root)
        return Place(root=root)

    whole = at("whole").open(clock=clock(START_S + 60))
    jobs(whole)
    wanted = left(whole)
    whole.close()
    number = 0
    while True:
        number += 1
        place = at("killed")
        is_whole = _runs_whole(place, number, jobs)
        again = place.open(clock=clock(LATER_S))
        jobs(again)
        assert left(again) == wanted, f"killed at point {number}"
        again.close()
        if is_whole:
            return number


def _runs_whole(place: Place, number: int, jobs: Callable[[Node], None]) -> bool:
    seen = 0

    def dies(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return ends_by_itself(lambda: jobs(place.open(clock=clock(START_S + 60), probe=dies)))


def test_a_plan_that_was_asked_for_is_drawn_once(tmp_path: Path) -> None:
    start = Place(root=tmp_path / "start")
    node = start.open(clock=clock(START_S))
    share(node, range(PEOPLE))
    question = ask_plan(node, BUILDER, asked()).asked
    node.close()

    def jobs(node: Node) -> None:
        Runner(node=node, kinds=PLANNING).run_due()
        assert read_asked(node, BUILDER, question).plan is not None

    def names(node: Node) -> list[str]:
        return [one.name for one in list_drawn(node, BUILDER)]

    assert same_at_every_point(tmp_path, start, jobs, names) > 3


def test_a_build_ends_with_the_same_bytes(tmp_path: Path) -> None:
    start = Place(root=tmp_path / "start")
    node = start.open(clock=clock(START_S))
    share(node, range(PEOPLE))
    plan = drawn(node).sha256
    begin(node, BUILDER, plan)
    node.close()

    def jobs(node: Node) -> None:
        run_builds(node)
        assert read_build(node, BUILDER, plan).state == "ready"

    assert same_at_every_point(tmp_path, start, jobs, left) > 20


def test_a_refresh_ends_with_the_same_files(tmp_path: Path) -> None:
    start = Place(root=tmp_path / "start")
    node = start.open(clock=clock(START_S))
    people = share(node, range(PEOPLE))
    plan = drawn(node).sha256
    begin(node, BUILDER, plan)
    run_builds(node)
    withdraw(node, by_key(people[0]))
    node.close()

    def jobs(node: Node) -> None:
        run_builds(node)
        assert read_build(node, BUILDER, plan).state == "replaced"

    assert same_at_every_point(tmp_path, start, jobs, names_left) > 20
