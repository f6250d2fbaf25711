"""Refreshes: what ends goes from every version, at once for readers and then byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.hubs import DAY_S, made_node, signed
from tests.support.hubs_built import (
    PEOPLE,
    SALT,
    built,
    fetched,
    findings,
    manifest_of,
    objects_below,
    plan_of,
    run_builds,
    share,
)
from tests.support.hubs_ended import admitted, by_key, places_of, run_jobs, windows_of

from signoff_datasets.building.builds import Build
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.engines.serial import SerialEngine
from signoff_hub.building.places import HubBuilder
from signoff_hub.building.source import HubSource, hub_authority
from signoff_hub.building.versions import file_of, find_version, proofs_of, readable
from signoff_hub.node.node import Node
from signoff_hub.place.faults import HubFault
from signoff_hub.withdrawing.feed import feed
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import canonical, digest_of
from signoff_schemas.hub_feed import parse_page
from signoff_schemas.statement import format_time, parse_statement


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n", clock=clock) as made:
        yield made


def plan_digest(node: Node, version: int) -> str:
    with node.database.read() as connection:
        found = find_version(connection, "made", version)
    assert found is not None
    return found.plan


def test_a_withdrawal_reaches_a_data_set_and_nothing_of_it_is_left(
    node: Node, clock: FakeClock, tmp_path: Path
) -> None:
    people = share(node, range(PEOPLE + 1))
    built(node)
    old = manifest_of(node)
    gone = people[4]
    needles = windows_of(gone, *(sent for number, sent in people.items() if number != 4))
    clock.advance(60)
    withdraw(node, by_key(gone))
    for file in old.files:  # at once
        if file.rows:
            with pytest.raises(HubFault, match="withdrawn or has expired"):
                file_of(node, "made", 1, file.sha256)
    assert gone.sha256 not in {one.sha256 for one in proofs_of(node, "made", 1, "").proofs}
    run_builds(node)
    run_jobs(node)
    with node.database.read() as connection, pytest.raises(HubFault) as refused:
        readable(connection, "made", 1)
    assert (refused.value.code, refused.value.newer) == ("replaced", 2)
    new = manifest_of(node, version=2)
    assert {one.sha256 for one in old.episodes} - {one.sha256 for one in new.episodes} == {
        gone.sha256
    }
    assert new.previous == digest_of(old)
    folder = fetched(node, tmp_path / "copy", version=2)
    assert findings(node, folder, range(PEOPLE + 1), format_time(node.moment())) == []
    assert objects_below(node, "datasets/made/1") == [
        "datasets/made/1/NOTICE.json",
        "datasets/made/1/NOTICE.json.sig",
    ]
    assert places_of(node, needles) == []
    (told,) = parse_page(feed(node, 0).content.encode()).datasets
    assert (told.name, told.version, told.manifest_sha256) == ("made", 1, digest_of(old))


def test_a_refresh_is_the_build_of_the_plan_without_what_is_gone(
    node: Node, clock: FakeClock, tmp_path: Path
) -> None:
    people = share(node, range(PEOPLE + 2))
    built(node)
    clock.advance(60)
    withdraw(node, by_key(people[0]))
    run_builds(node)
    new = manifest_of(node, version=2)
    plan = plan_of(node, plan_digest(node, 2))
    assert plan.salt == SALT
    place = Workplace(tmp_path / "again", digest_of(plan))
    again = Build(
        plan=plan,
        address=node.store,
        source=HubSource(node),
        authority=hub_authority(node),
        engine=SerialEngine(),
        now=node.moment(),
        builder=HubBuilder(node),
        version=2,
        previous=new.previous,
    ).into(place, lambda _done, _all: None)
    assert canonical(again) == canonical(new)


def test_expiry_and_a_newer_sign_off_take_the_same_way(node: Node, clock: FakeClock) -> None:
    share(node, range(PEOPLE))
    over = signed(node, 30, expires=format_time(node.moment() + timedelta(days=20)))
    admitted(node, over)
    old = share(node, [31])[31]
    built(node)
    record = parse_statement(old.sign_off.statement).predicate.record_id
    admitted(node, signed(node, 32, person=31, supersedes=record))
    run_builds(node)
    held = {one.sha256 for one in manifest_of(node, version=2).episodes}
    assert old.sha256 not in held
    assert over.sha256 in held
    clock.advance(21 * DAY_S)
    with pytest.raises(HubFault, match="withdrawn or has expired"):
        file_of(node, "made", 2, manifest_of(node, version=2).files[0].sha256)
    sweep(node)
    run_builds(node)
    assert over.sha256 not in {one.sha256 for one in manifest_of(node, version=3).episodes}
    with node.database.read() as connection, pytest.raises(HubFault) as refused:
        readable(connection, "made", 1)
    assert refused.value.newer == 3


def test_with_fewer_than_k_left_it_ends_without_a_successor(node: Node, clock: FakeClock) -> None:
    people = share(node, range(10))
    built(node)
    clock.advance(60)
    withdraw(node, by_key(people[9]))
    run_builds(node)
    with node.database.read() as connection, pytest.raises(HubFault) as refused:
        readable(connection, "made", 1)
    assert (refused.value.code, refused.value.newer) == ("replaced", None)
    assert objects_below(node, "plans") == []
    assert [key.rsplit("/", 1)[1] for key in objects_below(node, "datasets")] == [
        "NOTICE.json",
        "NOTICE.json.sig",
    ]


def test_more_that_ends_while_a_version_is_made_is_not_in_it(
    node: Node, clock: FakeClock, tmp_path: Path
) -> None:
    people = share(node, range(PEOPLE + 3))
    built(node)
    clock.advance(60)
    withdraw(node, by_key(people[0]))
    seen: list[str] = []

    def second(name: str) -> None:
        if name == "new version made" and name not in seen:
            seen.append(name)
            withdraw(node, by_key(people[1]))

    object.__setattr__(node, "probe", second)
    run_builds(node)
    clock.advance(5)
    run_builds(node)
    assert seen
    held = {one.sha256 for one in manifest_of(node, version=2).episodes}
    assert not held & {people[0].sha256, people[1].sha256}
    folder = fetched(node, tmp_path / "copy", version=2)
    assert findings(node, folder, range(PEOPLE + 3), format_time(node.moment())) == []
