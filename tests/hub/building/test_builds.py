"""Builds: from a plan to a version that is verified without the hub, whatever goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.hubs import Sent, entries_of, made_node, signed
from tests.support.hubs_built import (
    BUILDER,
    PEOPLE,
    built,
    drawn,
    fetched,
    findings,
    manifest_of,
    objects_below,
    plan_of,
    run_builds,
    share,
)
from tests.support.hubs_ended import admitted, by_key

from signoff_datasets.building.builds import Build
from signoff_datasets.building.proofs import files_of
from signoff_datasets.building.shards import Order
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.engines.interface import Done, SetAside
from signoff_datasets.engines.pool import PoolEngine
from signoff_datasets.engines.serial import SerialEngine
from signoff_hub.building.builds import begin, list_builds, read_build, stop
from signoff_hub.building.doing import jobs_of
from signoff_hub.building.places import CROISSANT, SIGNATURE, HubBuilder
from signoff_hub.building.source import HubSource, hub_authority
from signoff_hub.database.tables import SHARD_EPISODE
from signoff_hub.jobs.runner import Runner
from signoff_hub.node.node import Node
from signoff_hub.place.faults import HubFault
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import canonical, digest_of
from signoff_schemas.errors import NetworkError
from signoff_schemas.statement import Purpose, format_time, parse_statement

Given = TypeVar("Given")
Made = TypeVar("Made")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n", clock=clock) as made:
        yield made


def test_a_plan_becomes_a_version_that_is_verified_without_the_hub(
    node: Node, tmp_path: Path
) -> None:
    share(node, range(PEOPLE))
    state = built(node)
    assert (state.state, state.version, state.reason) == ("ready", 1, None)
    folder = fetched(node, tmp_path / "copy")
    assert findings(node, folder, range(PEOPLE), format_time(node.moment())) == []
    manifest = manifest_of(node)
    assert len(manifest.episodes) == PEOPLE
    assert all(one.receipt is not None for one in manifest.episodes)
    with node.database.read() as connection:
        held = set(connection.execute(select(SHARD_EPISODE.c.episode)).scalars())
    assert held == {one.sha256 for one in manifest.episodes}
    assert state.manifest_sha256 is not None
    assert [kind for _, kind, _ in entries_of(node, state.manifest_sha256)] == ["build"]
    assert begin(node, BUILDER, state.plan).is_new is False
    assert run_builds(node) == 0
    assert list(node.folder.incoming.rglob("*.parquet")) == []


def test_what_is_not_admitted_or_not_for_it_is_in_no_version(node: Node, clock: FakeClock) -> None:
    share(node, range(PEOPLE))
    share(node, [20], purposes=(Purpose.RESEARCH,))
    share(node, [21], expires=format_time(node.moment().replace(year=node.moment().year + 1)))
    share(node, [24])
    withdraw(node, by_key(share(node, [22])[22]))
    old = parse_statement(share(node, [23])[23].sign_off.statement).predicate
    newer = signed(node, 25, person=23, supersedes=old.record_id)
    admitted(node, newer)
    state = built(node)
    held = {one.sha256 for one in manifest_of(node).episodes}
    wanted = {signed(node, number).sha256 for number in [*range(PEOPLE), 21, 24]}
    assert state.state == "ready"
    assert held == wanted | {newer.sha256}


def test_an_episode_that_goes_before_a_build_begins_makes_it_stale(node: Node) -> None:
    people = share(node, range(PEOPLE + 1))
    plan = drawn(node).sha256
    withdraw(node, by_key(people[3]))
    with pytest.raises(HubFault, match="gone since") as refused:
        begin(node, BUILDER, plan)
    assert refused.value.code == "stale"


@pytest.mark.parametrize("point", ["build taken", "data set built"])
def test_an_episode_that_goes_during_a_build_is_left_out_of_it(
    point: str, tmp_path: Path, clock: FakeClock
) -> None:
    def leave(reached: str) -> None:
        if reached == point and people:
            for number in leaving:
                withdraw(node, by_key(people.pop(number)))
                leaving.remove(number)
                break

    leaving = [3, 5]  # one in each of two tries
    with made_node(tmp_path / "hub", clock=clock, probe=leave) as node:
        people = share(node, range(PEOPLE + 3))
        plan = drawn(node).sha256
        begin(node, BUILDER, plan)
        for _ in range(3):
            run_builds(node)
            clock.advance(2)
        found = read_build(node, BUILDER, plan)
        assert (found.state, found.reason, found.plan) == ("ready", None, plan)
        assert list_builds(node, BUILDER) == (found,)
        assert begin(node, BUILDER, plan).is_new is False
        manifest = manifest_of(node)
        assert (manifest.plan_sha256, manifest.version) == (found.built, 1)
        assert {one.sha256 for one in manifest.episodes} == {one.sha256 for one in people.values()}
        assert manifest.left_out == {}, "how many left is not said"
        assert found.built is not None
        assert objects_below(node, "plans") == [f"plans/{found.built[:2]}/{found.built}.json"]
        folder = fetched(node, tmp_path / "copy")
        assert findings(node, folder, range(20), format_time(node.moment())) == []


@dataclass
class Counting:
    """Builds one shard after the other in this process, and notes which."""

    before: Callable[[str], None]
    built: list[str] = field(default_factory=list[str])

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        for index, given in enumerate(inputs):
            assert isinstance(given, Order)
            self.before(given.shard.name)
            self.built.append(given.shard.name)
            for one in SerialEngine().run(task, [given]):
                yield replace(one, index=index)


@pytest.mark.parametrize("where", ["in its midst", "at its end"])
def test_a_withdrawal_during_a_build_has_only_the_shards_it_touched_built_again(
    where: str, tmp_path: Path, clock: FakeClock
) -> None:
    def leave(reached: str) -> None:
        if reached == ("data set built" if where == "at its end" else names[-1]) and leaving:
            withdraw(node, by_key(leaving.pop()))
            if where != "at its end":
                raise NetworkError("away")

    leaving: list[Sent] = []
    names = [f"train-{number:05}" for number in range(3)]
    with made_node(tmp_path / "hub", clock=clock, probe=leave) as node:
        people = share(node, range(3 * PEOPLE + 3))
        plan = drawn(node, shard_bytes=1 << 10).sha256
        shards = {one.name: one.episodes for one in plan_of(node, plan).shards}
        assert sorted(shards) == names
        touched = max(names, key=lambda one: len(shards[one]))
        gone = shards[touched][0]
        leaving += [one for one in people.values() if one.sha256 == gone]
        begin(node, BUILDER, plan)
        engine = Counting(before=leave)
        for _ in range(4):
            Runner(node=node, kinds=jobs_of(node, engine)).run_due()
            clock.advance(60)
        found = read_build(node, BUILDER, plan)
        assert (found.state, leaving) == ("ready", [])
        again = {touched} | ({names[-1]} if where == "in its midst" else set())
        first = names if where == "at its end" else names[:-1]
        assert engine.built == [*first, *sorted(again)]
        made = manifest_of(node)
        assert gone not in {one.sha256 for one in made.episodes}
        left = plan_of(node, str(found.built))
        place = Workplace(tmp_path / "again", digest_of(left))
        whole = Build(
            plan=left,
            address=node.store,
            source=HubSource(node),
            authority=hub_authority(node),
            engine=SerialEngine(),
            now=node.moment(),
            builder=HubBuilder(node),
        ).into(place, lambda _done, _all: None)
        assert canonical(whole) == canonical(made)
        folder = fetched(node, tmp_path / "copy")
        assert findings(node, folder, range(len(people)), format_time(node.moment())) == []
        held = {path for path, _ in files_of(made)} | {"manifest.json", SIGNATURE, CROISSANT}
        assert objects_below(node, "datasets") == sorted(f"datasets/made/1/{one}" for one in held)


@pytest.mark.parametrize("point", ["plan reduced", "plan replaced"])
def test_a_store_that_is_away_while_a_build_goes_on_without_something_changes_nothing(
    point: str, tmp_path: Path, clock: FakeClock
) -> None:
    away: list[str] = []

    def break_off(reached: str) -> None:
        if reached == point and not away:
            away.append(reached)
            raise NetworkError("away")

    with made_node(tmp_path / "hub", clock=clock, probe=break_off) as node:
        people = share(node, range(PEOPLE + 1))
        plan = drawn(node).sha256
        begin(node, BUILDER, plan)
        withdraw(node, by_key(people[0]))
        for _ in range(3):
            run_builds(node)
            clock.advance(600)
        assert away == [point]
        found = read_build(node, BUILDER, plan)
        assert (found.state, found.version) == ("ready", 1)
        assert objects_below(node, "plans") == [f"plans/{str(found.built)[:2]}/{found.built}.json"]
        assert len(manifest_of(node).episodes) == PEOPLE


def test_a_build_of_which_too_few_are_left_is_stale_and_leaves_nothing(node: Node) -> None:
    people = share(node, range(PEOPLE))
    plan = drawn(node).sha256
    begin(node, BUILDER, plan)
    for number in (0, 1):
        withdraw(node, by_key(people[number]))
    run_builds(node)
    found = read_build(node, BUILDER, plan)
    assert (found.state, found.reason) == ("failed", "stale")
    assert objects_below(node, "datasets") == []


def test_who_asks_again_for_what_was_replaced_is_told_that_it_is_stale(
    node: Node, clock: FakeClock
) -> None:
    people = share(node, range(PEOPLE + 1))
    state = built(node)
    withdraw(node, by_key(people[0]))
    run_builds(node)
    assert read_build(node, BUILDER, state.plan).state == "replaced"
    with pytest.raises(HubFault, match="gone since") as refused:
        begin(node, BUILDER, state.plan)  # its plan was erased
    assert refused.value.code == "stale"


def test_a_stopped_build_leaves_nothing_and_can_begin_again(node: Node) -> None:
    share(node, range(PEOPLE))
    plan = drawn(node).sha256
    begin(node, BUILDER, plan)
    assert stop(node, BUILDER, plan).reason == "stopped"
    run_builds(node)
    assert objects_below(node, "datasets") == []
    assert read_build(node, BUILDER, plan).state == "failed"
    assert begin(node, BUILDER, plan).is_new
    run_builds(node)
    again = read_build(node, BUILDER, plan)
    assert (again.state, again.version) == ("ready", 1)
    assert stop(node, BUILDER, plan).state == "ready"


def test_processes_build_the_same_bytes_as_this_one(node: Node, clock: FakeClock) -> None:
    share(node, range(PEOPLE))
    built(node)
    clock.advance(1)  # else it is the same plan
    plan = drawn(node).sha256
    begin(node, BUILDER, plan)
    Runner(node=node, kinds=jobs_of(node, PoolEngine(workers=2))).run_due()
    state = read_build(node, BUILDER, plan)
    assert (state.state, state.version) == ("ready", 2)
    first, second = manifest_of(node, version=1), manifest_of(node, version=2)
    assert first.files == second.files
    assert first.episodes == second.episodes


def test_whoever_has_another_token_sees_nothing_of_a_plan_or_build(node: Node) -> None:
    share(node, range(PEOPLE))
    state = built(node)
    for ask in (begin, read_build, stop):
        with pytest.raises(HubFault, match="no such plan of yours"):
            ask(node, "0" * 64, state.plan)


def test_a_name_keeps_its_purpose(node: Node) -> None:
    share(node, range(PEOPLE))
    built(node)
    other = drawn(node, purpose="research").sha256
    with pytest.raises(HubFault, match="for another purpose"):
        begin(node, BUILDER, other)
