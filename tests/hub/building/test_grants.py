"""Grants: for one token, one data set, its purpose, until when; each a leaf of the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.support.clock import FakeClock
from tests.support.hub_datasets import PURPOSE, TERMS, built, granted, manifest_of, reader
from tests.support.hubs import entries_of, made_node

from signoff_hub.building.grants import (
    Held,
    give_grant,
    grant_digest,
    list_grants,
    require_grant,
    revoke_grant,
)
from signoff_hub.building.readings import note_reading
from signoff_hub.database.tables import LOG_LEAF, READING
from signoff_hub.node.node import Node
from signoff_hub.place.faults import HubFault
from signoff_hub.signing_in.tokens import Scope, who_asks
from signoff_schemas.hub_api import GrantRequest

DAY_S = 86_400


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", clock=clock) as made:
        built(made, "fixes", ())
        yield made


def request(**changes: object) -> GrantRequest:
    known: dict[str, object] = {
        "token": "reader",
        "dataset": "fixes",
        "purpose": PURPOSE,
        "terms_sha256": TERMS,
        "expires_at": "2099-01-01T00:00:00Z",
    }
    return GrantRequest.model_validate({**known, **changes})


def ask(node: Node, token: str, dataset: str = "fixes") -> Held:
    with node.database.read() as connection:
        return require_grant(connection, who_asks(node, token), dataset, node.now())


def refused(node: Node, token: str, dataset: str = "fixes") -> tuple[str, str]:
    with pytest.raises(HubFault) as said:
        ask(node, token, dataset)
    return said.value.code, said.value.detail


def leaves(node: Node) -> int:
    with node.database.read() as connection:
        return connection.execute(select(func.count()).select_from(LOG_LEAF)).scalar_one()


def test_a_grant_is_for_one_token_and_one_data_set(node: Node) -> None:
    token, other = reader(node), reader(node, "other")
    built(node, "tests", ())
    given = give_grant(node, request())
    held = ask(node, token)
    assert (held.id, held.dataset, held.purpose) == (given.grant.id, "fixes", PURPOSE)
    assert refused(node, other)[0] == "grant"
    # who has no grant cannot find out what data sets there are
    assert refused(node, token, "tests") == refused(node, token, "nothing")


def test_a_grant_that_is_over_lets_nobody_in(node: Node, clock: FakeClock) -> None:
    token = reader(node)
    give_grant(node, request(expires_at="2026-10-01T00:00:00Z"))
    clock.advance(seconds=1_790_812_799 - node.now())
    ask(node, token)
    clock.advance(seconds=1)
    assert refused(node, token) == ("grant", "the grant for that data set is over")
    give_grant(node, request())
    ask(node, token)  # of two grants one is enough


def test_a_revoked_grant_alone_lets_nobody_in(node: Node) -> None:
    token = reader(node)
    given = give_grant(node, request())
    assert revoke_grant(node, given.grant.id).revoked_at == node.now()
    assert refused(node, token) == ("grant", "the grant for that data set was revoked")
    again = leaves(node)
    assert revoke_grant(node, given.grant.id).revoked_at == node.now()
    assert leaves(node) == again
    with pytest.raises(HubFault, match="no such grant"):
        revoke_grant(node, "0" * 32)


def test_a_grant_goes_no_further_than_the_purpose_of_the_data_set(node: Node) -> None:
    token = reader(node)
    with pytest.raises(HubFault) as said:
        give_grant(node, request(purpose="research"))
    assert said.value.code == "purpose"
    give_grant(node, request())
    ask(node, token)
    built(node, "fixes", (), version=2, purpose="research")
    assert refused(node, token) == ("grant", "the grant for that data set is for another purpose")


def test_a_grant_needs_a_reader_a_data_set_and_time(node: Node) -> None:
    reader(node, "builder", Scope.BUILD)
    for changes, code in (
        ({"token": "builder"}, "not_found"),
        ({"token": "nobody"}, "not_found"),
        ({"token": "reader"}, "not_found"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expired"),
        ({"expires_at": "2099-99-99T00:00:00Z"}, "bad_request"),
    ):
        with pytest.raises(HubFault) as said:
            give_grant(node, request(**changes))
        assert said.value.code == code, changes
    reader(node)
    with pytest.raises(HubFault) as said:
        give_grant(node, request(dataset="nothing"))
    assert said.value.code == "not_found"
    reader(node)  # a second one of this name: it would not be clear whose it is
    with pytest.raises(HubFault, match="2 tokens"):
        give_grant(node, request())
    assert (leaves(node), list_grants(node)) == (0, ())


def test_the_scope_is_asked_for_also_where_there_is_a_grant(node: Node) -> None:
    token = reader(node)
    give_grant(node, request())
    asker = who_asks(node, token)
    builder = type(asker)(
        token_hash=asker.token_hash, account=None, scopes=frozenset({Scope.BUILD.value})
    )
    with node.database.read() as connection, pytest.raises(HubFault) as said:
        require_grant(connection, builder, "fixes", node.now())
    assert said.value.code == "scope"


def test_giving_and_revoking_are_leaves_of_the_log_and_twice_is_once(node: Node) -> None:
    reader(node)
    given = give_grant(node, request())
    assert give_grant(node, request()) == given
    digest = grant_digest(given.grant)
    assert entries_of(node, digest) == [(0, "grant", "given")]
    revoke_grant(node, given.grant.id)
    assert entries_of(node, digest) == [(0, "grant", "given"), (1, "grant", "revoked")]
    assert give_grant(node, request()).grant.id != given.grant.id  # a new one, not the old one back
    assert [one.revoked_at is None for one in list_grants(node)].count(True) == 1


def test_a_reading_is_noted_once_a_day_for_each_grant_and_version(
    node: Node, clock: FakeClock
) -> None:
    token, other = reader(node), reader(node, "other")
    grant, second = granted(node, "fixes", token), granted(node, "fixes", other, "other")
    before = leaves(node)
    assert [note_reading(node, grant, 1) for _ in range(3)] == [True, False, False]
    assert note_reading(node, second, 1)
    clock.advance(seconds=DAY_S)
    assert note_reading(node, grant, 1)
    assert not note_reading(node, grant, 1)
    kinds = [kind for _, kind, _ in entries_of(node, manifest_of("fixes", 1))]
    assert kinds == ["read"] * 3
    assert leaves(node) == before + 3
    with node.database.read() as connection:
        rows = connection.execute(select(READING)).all()
    assert all(row.read_on % DAY_S == 0 for row in rows)  # the day, and no finer
    assert sorted(row.leaf for row in rows) == [before, before + 1, before + 2]


def test_what_is_not_there_is_not_noted_as_read(node: Node) -> None:
    grant = granted(node, "fixes", reader(node))
    before = leaves(node)
    with pytest.raises(HubFault) as said:
        note_reading(node, grant, 2)
    assert said.value.code == "not_found"
    assert leaves(node) == before
