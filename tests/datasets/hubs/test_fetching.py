"""A data set of a hub comes to a person with a token as the folder that a build makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.datasets_built import files_of
from tests.support.deadline import wait_until
from tests.support.hub_datasets import granted, reader
from tests.support.hubs import account_of
from tests.support.hubs_asked import AskedHub, asked_hub, share_canaries
from tests.support.hubs_built import PEOPLE
from tests.support.hubs_ended import by_key, run_jobs

from signoff_datasets.building.builds import Build
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.screening.authority import Authority
from signoff_datasets.sources.opening import address_of, open_source
from signoff_hub.building.places import HubBuilder
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import digest_of

pytestmark = pytest.mark.slow


@pytest.fixture
def hub(home: Path, tmp_path: Path) -> Iterator[AskedHub]:
    del home
    with asked_hub(tmp_path / "hub") as made:
        yield made


def test_it_is_planned_built_fetched_and_proven_and_equals_a_build_from_the_store(
    hub: AskedHub, tmp_path: Path
) -> None:
    people = share_canaries(hub.node, range(PEOPLE))
    plan, out = tmp_path / "plan.json", tmp_path / "out"
    hub.built(plan, out)
    named, whole = hub.plan_itself(plan)
    assert (named.hub, digest_of(whole)) == (hub.address, named.plan_sha256)
    assert not any(one.sha256 in plan.read_text("utf-8") for one in whole.episodes)
    said = hub.ask("verify", out, "--plan", plan)
    assert said.code == 0, said
    assert f"of {PEOPLE} episodes, for model-training" in said.out
    assert f"the hub {hub.address}" in said.out
    store = hub.node.folder.root / "objects"
    address = address_of(str(store))
    source = open_source(address)
    place = Workplace(tmp_path / "again", digest_of(whole))
    contributors = {one.person.contributor: account_of(one.person) for one in people.values()}
    keys = {one.person.public_key for one in people.values()}
    Build(
        plan=whole,
        address=address,
        source=source,
        authority=Authority(
            vouches=lambda _, key: key in keys,
            void_because=lambda _: None,
            audience=hub.address,
            named=lambda signed: contributors[signed.contributor],
        ),
        engine=SerialEngine(),
        now=hub.node.moment(),
        builder=HubBuilder(hub.node),
    ).into(place, lambda _done, _all: None)
    assert files_of(out) == files_of(tmp_path / "again")


def test_who_may_only_read_fetches_a_version_that_somebody_else_built(
    hub: AskedHub, tmp_path: Path
) -> None:
    people = share_canaries(hub.node, range(PEOPLE + 1))
    out = tmp_path / "out"
    hub.built(tmp_path / "plan.json", out)
    token = reader(hub.node, "team-2")
    as_reader = {"SIGNOFF_HUB_TOKEN": token}
    ask = ("fetch", "made/1", "--from", hub.address, "-o", tmp_path / "mine")
    refused = hub.ask(*ask, **as_reader)
    assert refused.code == 14, refused
    assert "(grant)" in refused.err
    granted(hub.node, "made", token, "team-2")
    said = hub.ask(*ask, **as_reader)
    assert said.code == 0, said
    assert files_of(tmp_path / "mine") == files_of(out)
    assert hub.ask("verify", tmp_path / "mine").code == 0
    assert hub.ask(*ask, **as_reader).code == 13  # it is there already
    for wrong in ("made", "made/0", "../made/1", "made/x"):
        assert hub.ask("fetch", wrong, *ask[2:], **as_reader).code == 2, wrong
    nothing = hub.ask("fetch", "made/2", *ask[2:4], "-o", tmp_path / "none", **as_reader)
    assert nothing.code == 14, nothing
    withdraw(hub.node, by_key(people[3]))
    run_jobs(hub.node)
    wait_until(
        lambda: hub.ask(
            "refresh", tmp_path / "mine", "--from", hub.address, "-o", tmp_path / "newer",
            **as_reader,
        ).code == 0,
        "the hub to make the version without it",
    )  # fmt: skip
    said = hub.ask("fetch", "made/2", *ask[2:4], "-o", tmp_path / "two", **as_reader)
    assert said.code == 0, said
    assert files_of(tmp_path / "two") == files_of(tmp_path / "newer")


def test_other_bytes_leave_nothing_and_a_hub_that_is_back_is_asked_for_the_rest_alone(
    hub: AskedHub, tmp_path: Path
) -> None:
    share_canaries(hub.node, range(PEOPLE))
    plan, out = tmp_path / "plan.json", tmp_path / "out"
    hub.built_there(plan, out)
    held = hub.node.folder.root / "objects" / "datasets" / "made" / "1"
    last = max(held.glob("*/train-*.parquet"))
    content = last.read_bytes()
    last.unlink()
    last.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    said = hub.ask("build", plan, "-o", out)
    assert said.code == 14, said
    assert "other bytes than its manifest names" in said.err
    assert list(tmp_path.glob(".out*")) == []
    last.unlink()
    said = hub.ask("build", plan, "-o", out)
    assert said.code == 1, said
    assert "hint: What came whole is kept: run the same command again." in said.err
    (begun,) = tmp_path.glob(".out.building-*")
    first = min(begun.glob("*/train-*.parquet"))
    name, number = first.relative_to(begun), first.stat().st_ino
    last.write_bytes(content)
    assert hub.ask("build", plan, "-o", out).code == 0
    assert (out / name).stat().st_ino == number
