"""`signoff sign` for a hub: its terms are asked for, shown whole, and named in the statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub_terms import HubKey
from tests.support.published_terms import TermsServer, terms_server
from tests.support.sign_off import Ran, call_signoff, put_episode, small_episode

from signoff_collector.consent.hub_terms import find_terms, need_terms
from signoff_collector.consent.sign_off_files import (
    read_sign_off,
    signature_path,
    statement_path,
)
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_schemas.hub import parse_terms, receiver_of
from signoff_schemas.statement import PREDICATE_TYPE_HUB, parse_statement, parse_time


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def hub() -> Iterator[TermsServer]:
    with terms_server() as server:
        yield server


@pytest.fixture
def episode(place: Home) -> Path:
    return put_episode(place, small_episode())


def sign(episode: Path, hub: TermsServer, *options: str) -> Ran:
    """A person at a terminal signs, and says yes to all that is asked."""
    return call_signoff("sign", episode, "--to", hub.audience, *options, answers={})


def is_unsigned(episode: Path) -> bool:
    return not (statement_path(episode).exists() or signature_path(episode).exists())


def test_the_terms_that_were_shown_are_those_in_the_statement(
    episode: Path, place: Home, hub: TermsServer
) -> None:
    done = sign(episode, hub)
    assert done.code == 0, done.err
    assert hub.asked == ["GET /team/v1/terms"]
    kept = need_terms(place, Audience(hub.audience))
    statement = parse_statement(read_sign_off(episode).statement)
    assert statement.predicate_type == PREDICATE_TYPE_HUB
    assert statement.predicate.audience == hub.audience
    assert statement.predicate.receiver == receiver_of(kept.content)
    assert kept.is_agreed
    told = done.out
    terms = parse_terms(kept.content)
    assert terms.text.strip() in told
    for shown in (kept.sha256, terms.controller, terms.receipt_key_fingerprint, "730 days", "DE"):
        assert shown in told
    assert told.index(terms.text.strip()) < told.index("What you are about to sign")
    verified = call_signoff("verify", episode)
    assert verified.code == 0, verified.err


def test_without_a_word_on_time_it_lasts_no_longer_than_the_hub_keeps_it(
    episode: Path, hub: TermsServer
) -> None:
    hub.publish(retention_days=30)
    assert sign(episode, hub).code == 0
    predicate = parse_statement(read_sign_off(episode).statement).predicate
    lasts = parse_time(predicate.expires) - parse_time(predicate.event_time)
    assert lasts.days == 30


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--expires-days", "731"), "730 days at most"),
        (("--purpose", "teaching"), "takes nothing for teaching"),
        (("--purpose", "research", "--purpose", "backup"), "takes nothing for backup"),
    ],
)
def test_what_the_hub_does_not_take_is_not_signed(
    episode: Path, hub: TermsServer, options: tuple[str, ...], words: str
) -> None:
    done = sign(episode, hub, *options)
    assert done.code == 13
    assert words in done.err
    assert is_unsigned(episode)


def test_a_program_signs_only_under_terms_that_a_person_read(
    episode: Path, place: Home, hub: TermsServer
) -> None:
    refused = sign(episode, hub, "--yes", "--owner", "mine")
    assert refused.code == 13
    assert "were not shown to a person" in refused.err
    assert is_unsigned(episode)
    assert sign(episode, hub).code == 0
    other = put_episode(place, small_episode("y = 2\n"))
    assert sign(other, hub, "--yes", "--owner", "mine").code == 0


def test_changed_terms_are_shown_again(episode: Path, place: Home, hub: TermsServer) -> None:
    assert sign(episode, hub).code == 0
    hub.publish(text="From now on we keep it for ever, nearly.\n", retention_days=36_000)
    other = put_episode(place, small_episode("y = 2\n"))
    refused = sign(other, hub, "--yes", "--owner", "mine")
    assert refused.code == 13
    assert "changed since you signed" in refused.err
    assert is_unsigned(other)
    done = sign(other, hub)
    assert done.code == 0, done.err
    assert "not the terms that you signed under before" in done.out
    assert "for ever, nearly" in done.out


def test_a_hub_with_another_key_is_refused_and_nothing_is_signed(
    episode: Path, place: Home, hub: TermsServer
) -> None:
    assert sign(episode, hub).code == 0
    hub.publish(key=HubKey(seed="another"))
    other = put_episode(place, small_episode("y = 2\n"))
    refused = sign(other, hub)
    assert refused.code == 13
    assert "another key" in refused.err
    assert is_unsigned(other)


def test_a_hub_that_is_away_holds_nobody_up_whose_terms_are_kept(
    episode: Path, place: Home
) -> None:
    with terms_server() as hub:
        assert sign(episode, hub).code == 0
    other = put_episode(place, small_episode("y = 2\n"))
    done = sign(other, hub)
    assert done.code == 0, done.err
    assert "kept here" in done.err


def test_without_terms_nothing_is_signed_for_a_hub(episode: Path, place: Home) -> None:
    with terms_server() as hub:
        pass
    done = sign(episode, hub)
    assert done.code != 0
    assert is_unsigned(episode)
    assert find_terms(place, Audience(hub.audience)) is None


def test_terms_that_are_void_sign_nothing(episode: Path, hub: TermsServer) -> None:
    good = json.loads(hub.answer)
    for harm in (
        {**good, "terms": good["terms"].replace("DE", "FR")},
        {**good, "signature": HubKey().sign(b"other").decode()},
        {"terms": "{}", "signature": good["signature"]},
        {},
    ):
        hub.answer = json.dumps(harm).encode()
        done = sign(episode, hub)
        assert done.code not in (0, 1, 2), done.err
        assert is_unsigned(episode)


def test_an_episode_that_nobody_reviewed_asks_no_hub(place: Home, hub: TermsServer) -> None:
    path = put_episode(place, small_episode("z = 3\n"), is_reviewed=False)
    assert sign(path, hub).code == 13
    assert hub.asked == []


def test_saying_no_after_reading_signs_nothing(
    episode: Path, place: Home, hub: TermsServer
) -> None:
    done = call_signoff("sign", episode, "--to", hub.audience, answers={"Sign this for": "n"})
    assert done.code == 13
    assert is_unsigned(episode)
    assert not need_terms(place, Audience(hub.audience)).is_agreed
