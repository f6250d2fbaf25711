"""Accounts and tokens: codes are used once, revoked keys stay out, nothing secret is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import deadline
from tests.support.hub_requests import answer_to
from tests.support.hubs import made_node

from signoff_hub.database.tables import ACCOUNT, CHALLENGE, ENROLMENT_CODE, METADATA, TOKEN
from signoff_hub.node.node import Node
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.accounts import _new_account, enrol, make_codes, revoke_key
from signoff_hub.signing_in.challenges import make_challenge
from signoff_hub.signing_in.tokens import (
    CONTRIBUTOR,
    Asker,
    Scope,
    make_api_token,
    require,
    revoke_api_tokens,
    sign_in,
    who_asks,
)
from signoff_schemas.hub_api import Token, TokenRequest


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "needs_enrolment = true\n", clock=clock) as made:
        yield made


def came_in(node: Node, person: Person) -> Token:
    challenge = make_challenge(node).model_dump(mode="json")
    return sign_in(node, TokenRequest.model_validate(answer_to(challenge, person)))


def refused(node: Node, person: Person) -> FaultCode:
    with pytest.raises(HubFault) as told:
        came_in(node, person)
    return told.value.code


def asks(node: Node, token: str) -> Asker | None:
    try:
        return who_asks(node, token)
    except HubFault as fault:
        if fault.code is not FaultCode.NO_TOKEN:
            raise
        return None


def test_a_key_comes_in_with_a_code_that_nobody_can_use_again(node: Node) -> None:
    first, second = Person(number=1), Person(number=2)
    (code,) = make_codes(node, 1)
    assert refused(node, first) is FaultCode.NOT_MEMBER
    enrol(node, first.public_key, code)
    with pytest.raises(HubFault):
        enrol(node, second.public_key, code)
    assert refused(node, second) is FaultCode.NOT_MEMBER
    asker = asks(node, came_in(node, first).token)
    assert asker is not None
    assert asker.scopes == frozenset(CONTRIBUTOR)
    again = asks(node, came_in(node, first).token)
    assert again is not None
    assert again.account == asker.account


def test_a_revoked_key_loses_its_tokens_too(node: Node) -> None:
    person = Person(number=1)
    enrol(node, person.public_key, make_codes(node, 1)[0])
    token = came_in(node, person).token
    with node.database.read() as connection:
        name = str(connection.execute(select(TOKEN.c.fingerprint)).scalar_one())
    assert revoke_key(node, name)
    assert not revoke_key(node, name)
    assert asks(node, token) is None
    assert refused(node, person) is FaultCode.REVOKED_KEY


def test_an_api_token_does_what_its_scopes_say_until_it_ends(node: Node, clock: FakeClock) -> None:
    token = make_api_token(node, "auditor", (Scope.AUDIT,), 1)
    asker = asks(node, token)
    assert asker is not None
    require(asker, Scope.AUDIT)
    with pytest.raises(HubFault):
        require(asker, Scope.BUILD)
    with pytest.raises(HubFault):
        asker.contributor()
    other = make_api_token(node, "other", (Scope.AUDIT,), 1)
    assert revoke_api_tokens(node, "other") == 1
    assert revoke_api_tokens(node, "other") == 0
    assert asks(node, other) is None
    clock.advance(seconds=86_401)
    assert asks(node, token) is None


@pytest.mark.parametrize("token", ["", "x" * 2_000, "\x00", "é", "'; DROP TABLE token;--"])
def test_what_is_no_token_is_nobody(node: Node, token: str) -> None:
    assert asks(node, token) is None


def test_no_secret_is_kept(node: Node) -> None:
    person = Person(number=1)
    codes = make_codes(node, 3)
    enrol(node, person.public_key, codes[0])
    secrets = [*codes, came_in(node, person).token, make_challenge(node).nonce]
    secrets.append(make_api_token(node, "auditor", (Scope.AUDIT,), 1))
    with node.database.read() as connection:
        kept = repr([connection.execute(select(one)).all() for one in METADATA.sorted_tables])
    assert not [one for one in secrets if one in kept]


def test_nobody_can_tell_which_code_was_drawn_when(node: Node) -> None:
    codes = make_codes(node, 50)
    assert len(set(codes)) == 50
    with node.database.read() as connection:
        rows = connection.execute(select(ENROLMENT_CODE.c.hash)).scalars().all()
    assert sorted(rows) == list(
        rows
    )  # in order of the hash: of the order of making nothing is left
    assert {one.name for one in ENROLMENT_CODE.columns} == {"hash", "batch", "used"}


def test_challenges_that_ran_out_are_cleared(node: Node, clock: FakeClock) -> None:
    for _ in range(5):
        make_challenge(node)
        clock.advance(seconds=121)
    make_challenge(node)
    with node.database.read() as connection:
        assert len(connection.execute(select(CHALLENGE)).all()) == 1


def test_first_sign_ins_with_one_key_at_once_leave_one_account(tmp_path: Path) -> None:
    with made_node(tmp_path / "open") as node:
        person, barrier = Person(number=1), Barrier(6)
        tokens: list[str] = []

        def work() -> None:
            challenge = make_challenge(node).model_dump(mode="json")
            request = TokenRequest.model_validate(answer_to(challenge, person))
            barrier.wait(deadline())
            tokens.append(sign_in(node, request).token)

        threads = [Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline())
        assert len({who_asks(node, token).account for token in tokens}) == 1
        assert len(tokens) == 6
        with node.database.read() as connection:
            assert len(connection.execute(select(ACCOUNT)).all()) == 1


def test_who_comes_second_with_a_key_leaves_no_account_behind(node: Node) -> None:
    person = Person(number=1)
    with node.database.write() as connection:
        first = _new_account(node, connection, person.public_key)
        assert _new_account(node, connection, person.public_key) == first
        assert connection.execute(select(ACCOUNT.c.id)).scalars().all() == [first]
