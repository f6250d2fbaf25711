"""Training runs: registered under a grant, and matched to what was replaced since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from tests.support.hub_datasets import built, granted, reader, shard_of
from tests.support.hubs import made_node

from signoff_hub.building.runs import KeptRun, read_run, register_run
from signoff_hub.database.tables import DATASET_VERSION, LOG_LEAF, RUN
from signoff_hub.node.node import Node
from signoff_hub.place.faults import HubFault
from signoff_hub.signing_in.tokens import Scope, who_asks
from signoff_schemas.hub_api import Run, RunRequest


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with made_node(tmp_path / "hub") as made:
        built(made, "fixes", ())
        built(made, "tests", ())
        yield made


def request(**changes: object) -> RunRequest:
    known: dict[str, object] = {
        "dataset": "fixes",
        "shards": (shard_of("fixes", 1),),
        "order_seed": "7",
        "code_sha256": "c" * 64,
        "model_sha256": None,
    }
    return RunRequest.model_validate({**known, **changes})


def register(node: Node, token: str, **changes: object) -> KeptRun:
    return register_run(node, who_asks(node, token), request(**changes))


def counts(node: Node) -> tuple[int, int]:
    with node.database.read() as connection:
        runs = connection.execute(select(func.count()).select_from(RUN)).scalar_one()
        leaves = connection.execute(select(func.count()).select_from(LOG_LEAF)).scalar_one()
    return runs, leaves


def test_a_run_is_kept_once_and_says_how_many_shards_were_replaced(node: Node) -> None:
    token = reader(node)
    granted(node, "fixes", token)
    built(node, "fixes", (), version=2)
    shards = (shard_of("fixes", 1), shard_of("fixes", 2))
    made = register(node, token, shards=shards)
    assert (made.replaced, made.registered_at % 86_400) == (0, 0)
    held = counts(node)
    assert register(node, token, shards=shards) == made
    assert counts(node) == held
    assert register(node, token, shards=shards, model_sha256="a" * 64).id != made.id
    with node.database.write() as connection:
        this = (DATASET_VERSION.c.name == "fixes", DATASET_VERSION.c.version == 1)
        connection.execute(update(DATASET_VERSION).where(*this).values(state="replaced"))
    asker = who_asks(node, token)
    assert read_run(node, asker, made.id).replaced == 1
    auditor = who_asks(node, reader(node, "auditor", Scope.AUDIT))
    assert read_run(node, auditor, made.id).replaced == 1


def test_a_run_needs_a_grant_and_shards_of_its_data_set(node: Node) -> None:
    token, other = reader(node), reader(node, "other")
    granted(node, "fixes", token)
    before = counts(node)
    for who, changes, code in (
        (other, {}, "grant"),
        (token, {"dataset": "tests", "shards": (shard_of("tests", 1),)}, "grant"),
        (token, {"shards": (shard_of("tests", 1),)}, "not_found"),
        (token, {"shards": (shard_of("fixes", 1), "0" * 64)}, "not_found"),
    ):
        with pytest.raises(HubFault) as said:
            register(node, who, **changes)
        assert said.value.code == code, changes
    assert counts(node) == before
    made = register(node, token)
    with pytest.raises(HubFault, match="no such run of yours"):
        read_run(node, who_asks(node, other), made.id)


def test_what_is_told_of_a_run_is_of_whole_shards() -> None:
    assert set(Run.model_fields) - set(RunRequest.model_fields) == {
        "id",
        "registered_on",
        "replaced",
    }
