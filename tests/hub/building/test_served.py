"""Data sets over HTTP: plans and builds for builders, content against a grant alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until
from tests.support.hub_datasets import bearer, granted
from tests.support.hub_datasets import reader as reader_token
from tests.support.hub_requests import served
from tests.support.hubs import made_node
from tests.support.hubs_built import PEOPLE, asked, share
from tests.support.hubs_ended import by_key

from signoff_hub.node.node import Node
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import parse_manifest
from signoff_schemas.hub_api import EpisodeProofs, Signed


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n", clock=clock) as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


def test_from_a_plan_to_files_and_to_replaced(
    node: Node, client: httpx.Client, clock: FakeClock
) -> None:
    people = share(node, range(PEOPLE))
    builder = bearer(reader_token(node, "builder", Scope.BUILD))
    reading = reader_token(node)
    reader = bearer(reading)
    body = asked().model_dump(mode="json")
    assert client.post("/v1/plans", json=body, headers=reader).status_code == 403
    plan = client.post("/v1/plans", json=body, headers=builder)
    assert plan.status_code == 202, plan.text
    question = f"/v1/plans/asked/{plan.json()['asked']}"

    def is_drawn() -> bool:
        return bool(client.get(question, headers=builder).json()["state"] == "drawn")

    wait_until(is_drawn, "the plan is drawn")
    digest = client.get(question, headers=builder).json()["plan"]["sha256"]
    begun = client.post("/v1/builds", json={"plan": digest}, headers=builder)
    assert (begun.status_code, begun.json()["state"]) == (202, "building")

    def state_is(wanted: str) -> bool:
        told = client.get(f"/v1/builds/{digest}", headers=builder).json()["state"]
        return bool(told == wanted)

    wait_until(lambda: state_is("ready"), "the data set is ready")
    assert client.get("/v1/builds", headers=builder).json()["builds"][0]["plan"] == digest
    place = "/v1/datasets/made/1"
    parts = ("", "/manifest", "/manifest.sig", "/croissant", "/proofs", f"/shards/{'0' * 64}")
    for part in parts:  # builder and reader alike have no grant
        for who in (builder, reader):
            assert client.get(f"{place}{part}", headers=who).status_code == 403
    granted(node, "made", reading)
    state = client.get(place, headers=reader)
    assert state.json()["state"] == "ready", state.text
    manifest = parse_manifest(client.get(f"{place}/manifest", headers=reader).content)
    assert client.get(f"{place}/manifest.sig", headers=reader).text.startswith("-----BEGIN SSH")
    assert client.get(f"{place}/croissant", headers=reader).json()["name"] == "made"
    for file in manifest.files:
        answer = client.get(f"{place}/shards/{file.sha256}", headers=reader)
        assert len(answer.content) == file.size_bytes
    proofs = EpisodeProofs.model_validate_json(
        client.get(f"{place}/proofs", headers=reader).content
    )
    assert [one.sha256 for one in proofs.proofs] == [one.sha256 for one in manifest.episodes]
    assert client.get(f"{place}/shards/{'0' * 64}", headers=reader).status_code == 404
    clock.advance(60)
    withdraw(node, by_key(people[0]))
    with_rows = next(file for file in manifest.files if file.rows)
    at_once = client.get(f"{place}/shards/{with_rows.sha256}", headers=reader)
    assert at_once.status_code == 410
    wait_until(lambda: state_is("replaced"), "the version is replaced")
    for part in ("", "/manifest", f"/shards/{with_rows.sha256}"):
        gone = client.get(f"{place}{part}", headers=reader)
        assert (gone.status_code, gone.json()["code"]) == (410, "replaced")
        assert gone.json()["newer"] == 2
    notice = Signed.model_validate_json(client.get(f"{place}/notice", headers=reader).content)
    assert people[0].sha256 in notice.content
    assert client.get("/v1/datasets/made/2", headers=reader).json()["state"] == "ready"
