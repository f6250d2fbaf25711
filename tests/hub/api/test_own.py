"""What a hub tells contributors of their own, and strangers of a digest: nobody is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hub_datasets import (
    PURPOSE,
    bearer,
    built,
    contributors_of,
    granted,
    reader,
)
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import Sent, account_of, made_node, signed
from tests.support.hubs_ended import admitted, by_key

from signoff_hub.api.own_pages import own_pages
from signoff_hub.building.readings import note_reading
from signoff_hub.node.node import Node
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.hub_api import Problem, Use

K = 10


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


def people(node: Node, count: int) -> list[Sent]:
    """Have so many people send an episode each, which is admitted."""
    sents = [signed(node, number) for number in range(1, count + 1)]
    for sent in sents:
        admitted(node, sent)
    return sents


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return Problem.model_validate_json(answer.content).code


def test_a_contributor_sees_where_an_episode_is_and_on_which_days_it_was_read(
    client: httpx.Client, node: Node, clock: FakeClock
) -> None:
    first, second = people(node, 2)
    built(node, "fixes", (first, second))
    built(node, "fixes", (first,), version=2)
    built(node, "tests", (second,))
    built(node, "never", (first,), state="failed")
    token = reader(node)
    grant = granted(node, "fixes", token)
    note_reading(node, grant, 1)
    note_reading(node, grant, 1)
    clock.advance(seconds=2 * 86_400)
    note_reading(node, grant, 1)
    note_reading(node, granted(node, "fixes", reader(node, "other"), "other"), 1)
    (mine,) = client.get("/v1/mine", headers=signed_in(client, first.person)).json()["sign_offs"]
    days = ["2026-09-21", "2026-09-23"]
    assert mine["uses"] == [
        {"dataset": "fixes", "version": 1, "purpose": PURPOSE, "read_on": days},
        {"dataset": "fixes", "version": 2, "purpose": PURPOSE, "read_on": []},
    ]
    (theirs,) = client.get("/v1/mine", headers=signed_in(client, second.person)).json()["sign_offs"]
    assert [(one["dataset"], one["version"]) for one in theirs["uses"]] == [
        ("fixes", 1),
        ("tests", 1),
    ]


def test_an_answer_to_one_contributor_holds_nothing_of_another(
    client: httpx.Client, node: Node
) -> None:
    first, second = people(node, 2)
    built(node, "fixes", (first, second))
    mine = client.get("/v1/mine", headers=signed_in(client, first.person)).text
    own = {account_of(first.person), json.loads(first.sign_off.statement)["predicate"]["record_id"]}
    assert first.sha256 in mine
    assert second.sha256 not in mine
    assert second.statement_sha256 not in mine
    assert not [word for word in contributors_of(node) - own if word in mine]


def test_pages_of_any_size_tell_the_same(node: Node) -> None:
    person = Person(number=1)
    sents = [signed(node, number, person=1) for number in range(1, 8)]
    for sent in sents:
        admitted(node, sent)
    built(node, "fixes", sents[:3])
    whole = [one for page in own_pages(node, account_of(person)) for one in page]
    assert {one.statement_sha256 for one in whole} == {one.statement_sha256 for one in sents}
    assert all(one.proof is not None and one.receipt is not None for one in whole)
    assert sum(bool(one.uses) for one in whole) == 3
    for most in (1, 2, 7):
        pages = list(own_pages(node, account_of(person), most))
        assert max(map(len, pages)) <= most
        assert [one for page in pages for one in page] == whole


def test_a_page_costs_as_few_questions_however_many_sign_offs_it_has(node: Node) -> None:
    asked: list[str] = []

    def count() -> int:
        asked.clear()
        assert list(own_pages(node, account_of(Person(number=1))))
        return len([one for one in asked if one.startswith("SELECT")])

    event.listen(
        node.database.engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: asked.append(statement.lstrip()),
    )
    for number in (1, 2):
        admitted(node, signed(node, number, person=1))
    node.log.sign_head()
    few = count()
    for number in range(3, 12):
        admitted(node, signed(node, number, person=1))
    node.log.publish()
    assert 0 < count() <= few + 4  # rows of the tree alone, a few more as it grows


def test_anybody_who_knows_a_digest_learns_where_it_is(client: httpx.Client, node: Node) -> None:
    sents = people(node, K + 1)
    built(node, "fixes", sents)
    built(node, "fixes", sents, version=2, state="replaced")
    built(node, "more", sents[:K])
    place = f"/v1/contains/{sents[0].sha256}"
    assert client.get(place).json() == {
        "datasets": [{"name": "fixes", "version": 1}, {"name": "more", "version": 1}]
    }
    withdraw(node, by_key(sents[1]))  # `more` has one contributor too few from now on
    assert client.get(place).json() == {"datasets": [{"name": "fixes", "version": 1}]}
    assert client.get(f"/v1/contains/{sents[1].sha256}").json() == {"datasets": []}


def test_an_unknown_episode_and_one_among_too_few_get_the_same_answer(
    client: httpx.Client, node: Node
) -> None:
    sents = people(node, K - 1)
    built(node, "few", [*sents, *(signed(node, 90 + n, person=1) for n in range(9))])
    late = signed(node, 50)
    admitted(node, late)
    digests = ("0" * 64, late.sha256, *(one.sha256 for one in sents))
    answers = [client.get(f"/v1/contains/{one}") for one in digests]
    assert {(one.status_code, one.content) for one in answers} == {(200, b'{"datasets":[]}')}
    names = [sorted(set(one.headers) - {"date"}) for one in answers]
    assert all(one == names[0] for one in names)


def test_digests_cannot_be_tried_out(client: httpx.Client, clock: FakeClock) -> None:
    for wrong in ("0" * 63, "0" * 8, "*", f"{'0' * 63}%25", "0" * 64 + "0"):
        assert problem(client.get(f"/v1/contains/{wrong}"), 422) == "bad_request"
    clock.advance(seconds=60)
    answers = [client.get(f"/v1/contains/{n:064x}").status_code for n in range(31)]
    assert answers == [200] * 30 + [429]
    assert client.get("/v1/terms").status_code == 200  # other questions are counted apart


def test_grants_are_given_listed_and_revoked_by_whoever_runs_the_hub(
    client: httpx.Client, node: Node
) -> None:
    sents = people(node, 1)
    built(node, "fixes", sents)
    reader(node)
    body = {
        "token": "reader",
        "dataset": "fixes",
        "purpose": PURPOSE,
        "terms_sha256": "a" * 64,
        "expires_at": "2027-01-01T00:00:00Z",
    }
    who = bearer(reader(node, "desk", Scope.OPERATE))
    for other in (
        {},
        bearer(reader(node, "auditor", Scope.AUDIT)),
        signed_in(client, sents[0].person),
    ):
        assert client.post("/v1/grants", json=body, headers=other).status_code in {401, 403}
        assert client.get("/v1/grants", headers=other).status_code in {401, 403}
    made = client.post("/v1/grants", json=body, headers=who)
    assert made.status_code == 201, made.text
    assert client.post("/v1/grants", json=body, headers=who).json() == made.json()
    told = client.get("/v1/grants", headers=who)
    assert told.json() == {"grants": [made.json()]}
    assert not [word for word in contributors_of(node) if word in told.text]
    gone = client.delete(f"/v1/grants/{made.json()['id']}", headers=who)
    assert gone.json()["revoked_at"] is not None
    assert problem(client.delete(f"/v1/grants/{'0' * 32}", headers=who), 404) == "not_found"
    assert problem(client.delete("/v1/grants/..", headers=who), 404) == "not_found"
    for wrong in (
        {**body, "token": "'; DROP TABLE token;--"},
        {**body, "dataset": "../etc"},
        {**body, "more": 1},
        {**body, "expires_at": "tomorrow"},
    ):
        assert problem(client.post("/v1/grants", json=wrong, headers=who), 422) == "bad_request"
    far = {**body, "purpose": "research"}
    assert problem(client.post("/v1/grants", json=far, headers=who), 403) == "purpose"


def test_uses_name_days_and_no_reader(node: Node) -> None:
    assert set(Use.model_fields) == {"dataset", "version", "purpose", "read_on"}
    (sent,) = people(node, 1)
    built(node, "fixes", (sent,))
    grant = granted(node, "fixes", reader(node))
    note_reading(node, grant, 1)
    ((told,),) = own_pages(node, account_of(sent.person))
    assert grant.id not in told.model_dump_json()
    assert "reader" not in told.model_dump_json()
