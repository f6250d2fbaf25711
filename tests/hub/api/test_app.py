"""The API: signing in, an upload from challenge to receipt, and a problem for everything else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import wait_until
from tests.support.hub_requests import answer_to, put_sign_off, served, signed_in
from tests.support.hubs import made_node, sign, signed, state_of
from tests.support.hubs_ended import by_key

from signoff_collector.consent.receipts import parse_receipt
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_hub.api.bodies import MAX_JSON_BYTES, MAX_STRANGERS_JSON_BYTES
from signoff_hub.node.node import Node
from signoff_hub.receiving.parts import PART_BYTES
from signoff_hub.withdrawing.withdrawals import read_withdrawal
from signoff_schemas.hub_api import Problem


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(
        tmp_path / "hub", "requests_per_minute = 100\nworkers = 1\n", clock=clock
    ) as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


def problem(answer: httpx.Response, status: int) -> str:
    """Return the code of an answer that says no, which has the form of one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(answer.content)
    assert found.status == status
    return found.code


def test_from_a_challenge_to_a_receipt(client: httpx.Client, node: Node) -> None:
    sent = signed(node, 1)
    who = signed_in(client, sent.person)
    assert client.head(f"/v1/blobs/{sent.sha256}", headers=who).status_code == 404
    put = client.put(f"/v1/blobs/{sent.sha256}", content=sent.content, headers=who)
    assert put.status_code == 201
    assert (
        client.put(f"/v1/blobs/{sent.sha256}", content=sent.content, headers=who).status_code == 200
    )
    answer = put_sign_off(client, sent, who)
    assert (answer.status_code, answer.json()["state"]) == (201, "received")
    place = f"/v1/sign-offs/{sent.statement_sha256}"
    wait_until(lambda: state_of(node, sent.statement_sha256) == "admitted", "admitted")
    told = client.get(place, headers=who).json()
    receipt = parse_receipt(
        sent.sha256,
        f"{sent.statement_sha256}.json",
        told["receipt"]["content"].encode(),
        told["receipt"]["signature"].encode(),
    )
    assert receipt is not None
    assert receipt.fingerprint == node.key.fingerprint
    assert told["proof"] is not None
    again = put_sign_off(client, sent, who)
    assert (again.status_code, again.json()["state"]) == (200, "admitted")
    stranger = signed_in(client, Person(number=9))
    assert problem(client.get(place, headers=stranger), 404) == "not_found"


def test_an_episode_in_parts_is_put_together_once_all_are_there(
    client: httpx.Client, node: Node
) -> None:
    content = os.urandom(PART_BYTES + 1000)
    sha256 = hashlib.sha256(content).hexdigest()
    who = signed_in(client, Person(number=1))
    place = f"/v1/blobs/{sha256}/parts"

    def put(n: int, part: bytes) -> int:
        digest = {"Signoff-Part-Sha256": hashlib.sha256(part).hexdigest()}
        return client.put(f"{place}/{n}", content=part, headers={**who, **digest}).status_code

    assert put(1, content[PART_BYTES:]) == 201
    whole = {"size_bytes": len(content)}
    assert problem(client.post(place, json=whole, headers=who), 409) == "no_blob"
    assert put(0, content[:PART_BYTES]) == 201
    assert put(0, content[:PART_BYTES]) == 200
    assert client.get(place, headers=who).json() == {"parts": [0, 1]}
    assert client.get(place, headers=signed_in(client, Person(number=2))).json() == {"parts": []}
    assert client.post(place, json=whole, headers=who).status_code == 201
    assert client.head(f"/v1/blobs/{sha256}", headers=who).status_code == 200
    assert client.get(place, headers=who).json() == {"parts": []}
    assert not list(node.folder.incoming.iterdir())


def test_parts_of_other_bytes_are_refused_and_gone(client: httpx.Client) -> None:
    who = signed_in(client, Person(number=1))
    place = f"/v1/blobs/{'0' * 64}/parts"
    digest = {"Signoff-Part-Sha256": hashlib.sha256(b"x").hexdigest()}
    assert client.put(f"{place}/0", content=b"x", headers={**who, **digest}).status_code == 201
    answer = client.post(place, json={"size_bytes": 1}, headers=who)
    assert problem(answer, 422) == "digest_mismatch"
    assert client.get(place, headers=who).json() == {"parts": []}


def test_a_challenge_is_answered_once_and_in_time(client: httpx.Client, clock: FakeClock) -> None:
    person = Person(number=1)
    challenge = client.post("/v1/challenges").json()
    answer = answer_to(challenge, person)
    assert client.post("/v1/tokens", json=answer).status_code == 201
    assert problem(client.post("/v1/tokens", json=answer), 401) == "bad_nonce"
    late = answer_to(client.post("/v1/challenges").json(), person)
    clock.advance(seconds=121)
    assert problem(client.post("/v1/tokens", json=late), 401) == "bad_nonce"


def test_a_signature_for_something_else_signs_nobody_in(client: httpx.Client) -> None:
    for changed in (
        lambda one: answer_to(one, Person(number=1), SIGN_OFF),
        lambda one: {
            **answer_to(one, Person(number=1)),
            "public_key": answer_to(one, Person(number=2))["public_key"],
        },
        lambda one: answer_to({**one, "receiver": "https://elsewhere.example"}, Person(number=1)),
    ):
        answer = changed(client.post("/v1/challenges").json())
        assert problem(client.post("/v1/tokens", json=answer), 401) == "bad_signature"
        assert problem(client.post("/v1/tokens", json=answer), 401) == "bad_nonce"


def test_a_token_ends_after_ten_minutes(client: httpx.Client, clock: FakeClock) -> None:
    who = signed_in(client, Person(number=1))
    assert client.head(f"/v1/blobs/{'0' * 64}", headers=who).status_code == 404
    clock.advance(seconds=601)
    assert client.head(f"/v1/blobs/{'0' * 64}", headers=who).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("DELETE", "/v1/terms", 405, "bad_request"),
        ("GET", "/v1/sign-offs/../../etc/passwd", 404, "not_found"),
        ("GET", "/v1/sign-offs/'; DROP TABLE token;--", 401, "no_token"),
        ("GET", "/v1/log/proof?leaf=0", 404, "not_found"),
        ("GET", "/v1/log/proof", 400, "bad_request"),
        ("GET", "/v1/log/proof?leaf=x", 422, "bad_request"),
        ("GET", "/v1/log/tiles/..%2f..%2fkeys%2fhub", 404, "not_found"),
        ("GET", "/metrics", 401, "no_token"),
    ],
)
def test_what_is_asked_wrongly_gets_a_problem(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    assert problem(client.request(method, path), status) == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[" * (MAX_STRANGERS_JSON_BYTES - 1),
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"nonce": 1}',
        b"1e999",
    ],
    ids=["nothing", "cut", "null", "deep", "deep_names", "no_utf8", "type", "infinite"],
)
def test_json_that_cannot_be_read_gets_a_problem_that_repeats_nothing(
    client: httpx.Client, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/tokens", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)


@pytest.mark.parametrize("piece", [b"[", b'{"a":'], ids=["lists", "names"])
def test_a_statement_of_a_mebibyte_of_nesting_is_no_statement(
    client: httpx.Client, piece: bytes
) -> None:
    headers = {**signed_in(client, Person(number=1)), "Content-Type": "application/json"}
    place = f"/v1/sign-offs/{'0' * 64}"
    nested = piece * ((1 << 20) // len(piece))
    answer = client.put(place, content=nested, headers=headers)
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)
    within = {"statement": nested.decode(), "signature": ""}
    sha256 = hashlib.sha256(nested).hexdigest()
    answer = client.put(f"/v1/sign-offs/{sha256}", json=within, headers=headers)
    assert answer.status_code in {413, 422}  # names are escaped, and so too many
    problem(answer, answer.status_code)
    assert client.get("/v1/terms").status_code == 200


def test_json_that_is_too_large_is_not_parsed(client: httpx.Client) -> None:
    body = b'{"code": "' + b"a" * MAX_JSON_BYTES
    assert problem(client.post("/v1/enrolments", content=body), 413) == "too_large"


def test_who_asks_too_often_is_told_when_to_come_again(
    client: httpx.Client, clock: FakeClock
) -> None:
    answers = [client.get("/v1/terms") for _ in range(101)]
    assert [one.status_code for one in answers] == [200] * 100 + [429]
    assert problem(answers[-1], 429) == "rate_limit"
    assert int(answers[-1].headers["retry-after"]) > 0
    clock.advance(seconds=60)
    assert client.get("/v1/terms").status_code == 200


def test_who_guesses_at_tokens_is_stopped_and_nobody_who_has_one(
    client: httpx.Client, clock: FakeClock
) -> None:
    who = signed_in(client, Person(number=1))
    guesses = [
        client.get("/v1/mine", headers={"Authorization": f"Bearer {n:032d}"}).status_code
        for n in range(101)
    ]
    assert set(guesses[:98]) == {401}  # signing in took two of a hundred
    assert set(guesses[98:]) == {429}
    assert client.get("/v1/mine", headers=who).status_code == 200
    clock.advance(seconds=60)
    assert client.get("/v1/mine").status_code == 401


def test_behind_a_proxy_each_address_is_counted_by_the_word_of_the_proxy(node: Node) -> None:
    with served(node, is_behind_proxy=True) as client:
        for n in range(101):  # what an asker adds in front makes nobody else of it
            said = {"X-Forwarded-For": f"198.51.100.{n}, 192.0.2.1"}
            last = client.get("/v1/terms", headers=said)
        assert problem(last, 429) == "rate_limit"
        other = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
        assert client.get("/v1/terms", headers=other).status_code == 200
    with served(node) as client:  # without one, it is nobody's word
        for n in range(101):
            last = client.get("/v1/terms", headers={"X-Forwarded-For": f"192.0.2.{n}"})
        assert problem(last, 429) == "rate_limit"


def test_other_bytes_than_were_said_are_refused_and_gone(client: httpx.Client, node: Node) -> None:
    who = signed_in(client, Person(number=1))
    answer = client.put(f"/v1/blobs/{'0' * 64}", content=b"x", headers=who)
    assert problem(answer, 422) == "digest_mismatch"
    assert not list(node.folder.incoming.iterdir())


def test_a_body_without_a_length_is_refused(client: httpx.Client) -> None:
    who = signed_in(client, Person(number=1))
    answer = client.put(f"/v1/blobs/{'0' * 64}", content=iter([b"x"]), headers=who)
    assert problem(answer, 411) == "length_needed"


def test_only_who_looks_after_the_hub_reads_its_figures(client: httpx.Client, node: Node) -> None:
    from signoff_hub.signing_in.tokens import Scope, make_api_token

    token = make_api_token(node, "monitoring", (Scope.OPERATE,), 1)
    who = {"Authorization": f"Bearer {token}"}
    told = client.get("/metrics", headers=who)
    assert told.status_code == 200
    assert 'signoff_hub_ready{part="database"} 1.0' in told.text
    assert (
        problem(client.get("/metrics", headers=signed_in(client, Person(number=1))), 403) == "scope"
    )
    assert problem(client.put(f"/v1/blobs/{'0' * 64}", content=b"", headers=who), 403) == "scope"


def test_what_is_taken_back_is_gone_and_its_feed_says_so(client: httpx.Client, node: Node) -> None:
    sent = signed(node, 1)
    who = signed_in(client, sent.person)
    place = f"/v1/blobs/{sent.sha256}"
    client.put(place, content=sent.content, headers=who)
    put_sign_off(client, sent, who)
    own = f"/v1/sign-offs/{sent.statement_sha256}"
    wait_until(lambda: state_of(node, sent.statement_sha256) == "admitted", "admitted")
    assert client.get(own, headers=who).json()["state"] == "admitted"
    (mine,) = client.get("/v1/mine", headers=who).json()["sign_offs"]
    assert (mine["sha256"], mine["state"], mine["uses"]) == (sent.sha256, "admitted", [])
    assert client.get("/v1/mine", headers=signed_in(client, Person(number=2))).json() == {
        "sign_offs": []
    }
    stranger = {"tombstone": by_key(sent, Person(number=2)).decode()}
    assert problem(client.post("/v1/withdrawals", json=stranger), 403) == "proof"
    other = sign(node, Person(number=3), sent.content, record_id="7" * 32)
    them = signed_in(client, other.person)
    put_sign_off(client, other, them)
    theirs = f"/v1/sign-offs/{other.statement_sha256}"
    wait_until(lambda: state_of(node, other.statement_sha256) == "admitted", "admitted")
    assert client.get(theirs, headers=them).json()["state"] == "admitted"
    alone = client.post("/v1/withdrawals", json={"tombstone": by_key(other).decode()})
    assert (alone.status_code, alone.json()["bytes_stay"]) == (202, True)
    assert client.head(place, headers=who).status_code == 200
    told = client.post("/v1/withdrawals", json={"tombstone": by_key(sent).decode()})
    assert told.status_code == 202, told.text
    record = told.json()["record_id"]
    assert told.json()["bytes_stay"] is False
    assert client.head(place, headers=who).status_code == 410
    wait_until(lambda: read_withdrawal(node, record).is_erased, "erased")
    assert client.get(f"/v1/withdrawals/{record}").json()["state"] == "erased"
    assert node.objects.size(f"blobs/{sent.sha256[:2]}/{sent.sha256}") is None
    assert problem(put_sign_off(client, sent, who), 410) == "withdrawn"
    page = client.get("/v1/feed").json()
    assert sent.sha256 in page["content"]
    assert problem(client.get("/v1/statistics/2026-Q3"), 404) == "not_found"
