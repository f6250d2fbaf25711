"""Terms: each thing that an author did not allow leaves the episode out, under one word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.datasets import (
    Person,
    authority_of,
    content_of,
    request,
    shared_episode,
    snapshot,
    words,
)
from tests.support.hub_terms import HUB, signed_terms

from signoff_collector.consent.recovery import withdrawal_handle
from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.withdrawal import Tombstone
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.screening.reasons import TERMS_REASONS
from signoff_datasets.screening.terms import Agreed, agreed
from signoff_datasets.sources.interface import Offered
from signoff_schemas.hub import receiver_of
from signoff_schemas.statement import ProhibitedUse, Purpose, SignedNotice, Withdrawal

ANNA, BERT = Person(number=1), Person(number=2)
CONTENT = content_of(1)
SECRET = bytes(range(32))
HANDLE = withdrawal_handle(SECRET)


def offered(*sign_offs: SignOff, content: bytes = CONTENT, **more: Tombstone) -> Offered:
    return Offered(snapshot=snapshot(content), sign_offs=sign_offs, **more)


def asked(what: Offered, *, superseded: bool = False, **changes: object) -> Agreed | str:
    return agreed(what, request(**changes), authority_of([ANNA, BERT]), lambda _: superseded)


def tombstone(content: bytes, record_id: str) -> Tombstone:
    return Tombstone(
        sha256=snapshot(content).sha256,
        record_id=record_id,
        handle=HANDLE,
        withdrawn_on="2026-11-22",
        preimage=SECRET.hex(),
    )


def changed_statement() -> SignOff:
    sign_off = ANNA.sign(CONTENT)
    return replace(sign_off, statement=sign_off.statement.replace(b"MIT", b"BSD"))


CASES: dict[str, Callable[[], Agreed | str]] = {
    "unreadable": lambda: asked(Offered(snapshot=None, sign_offs=(ANNA.sign(CONTENT),))),
    "not-signed": lambda: asked(offered()),
    "void": lambda: asked(offered(changed_statement())),
    "other-bytes": lambda: asked(offered(ANNA.sign(CONTENT), content=content_of(2))),
    "unknown-key": lambda: asked(offered(Person(number=3).sign(CONTENT))),
    "other-audience": lambda: asked(offered(ANNA.sign(CONTENT, audience="s3://other.example/b"))),
    "unknown-notice": lambda: asked(
        offered(ANNA.sign(CONTENT, notice=SignedNotice(version="1", language="en", text="x")))
    ),
    "not-yet-given": lambda: asked(offered(ANNA.sign(CONTENT, event_time="2027-01-03T00:00:00Z"))),
    "expired": lambda: asked(offered(ANNA.sign(CONTENT, expires="2027-01-01T00:00:00Z"))),
    "superseded": lambda: asked(offered(ANNA.sign(CONTENT)), superseded=True),
    "withdrawn": lambda: asked(
        offered(
            ANNA.sign(CONTENT, withdrawal=Withdrawal(handle=HANDLE)),
            tombstone=tombstone(CONTENT, ANNA.predicate(CONTENT).record_id),
        )
    ),
    "purpose": lambda: asked(offered(ANNA.sign(CONTENT, purposes=(Purpose.RESEARCH,)))),
    "prohibited-use": lambda: asked(
        offered(ANNA.sign(CONTENT, prohibited_uses=(ProhibitedUse.PROFILING,)))
    ),
    "damaged": lambda: asked(offered(ANNA.sign(b"x" * 99), content=b"x" * 99)),
    "imported": lambda: asked(offered(ANNA.sign(IMPORTED), content=IMPORTED)),
}
IMPORTED = write_episode(shared_episode(1, origin="imported"))


@pytest.mark.parametrize("reason", TERMS_REASONS)
def test_an_episode_is_left_out_for_one_reason(reason: str) -> None:
    assert CASES[reason]() == reason


def test_what_its_author_signed_for_this_purpose_is_agreed() -> None:
    found = asked(offered(ANNA.sign(CONTENT)))
    assert isinstance(found, Agreed)
    assert found.sha256 == snapshot(CONTENT).sha256
    assert found.contributor == ANNA.contributor


def test_a_sign_off_for_a_hub_is_agreed_as_one_for_a_store_is() -> None:
    receiver = receiver_of(signed_terms()[0])
    sign_off = ANNA.sign(CONTENT, audience=HUB, receiver=receiver)
    authority = replace(authority_of([ANNA]), audience=HUB)
    found = agreed(offered(sign_off), request(), authority, lambda _: False)
    assert isinstance(found, Agreed)
    assert found.predicate.receiver == receiver
    elsewhere = replace(authority, audience=f"{HUB}s")
    assert agreed(offered(sign_off), request(), elsewhere, lambda _: False) == "other-audience"


def test_trailing_bytes_that_no_reader_shows_are_damage() -> None:
    content = CONTENT + b"\0"
    assert asked(offered(ANNA.sign(content), content=content)) == "damaged"


def test_of_several_sign_offs_the_latest_that_allows_it_counts() -> None:
    early = ANNA.sign(CONTENT, event_time="2026-11-01T00:00:00Z", record_id=words(1))
    late = ANNA.sign(CONTENT, event_time="2026-11-02T00:00:00Z", record_id=words(2))
    other = BERT.sign(CONTENT, event_time="2026-11-03T00:00:00Z", purposes=(Purpose.TEACHING,))
    for order in ((early, late, other), (other, late, early)):
        found = asked(offered(*order))
        assert isinstance(found, Agreed)
        assert found.sign_off == late


def test_the_reason_is_that_of_the_sign_off_that_came_furthest() -> None:
    bad = Person(number=3).sign(CONTENT)
    research = ANNA.sign(CONTENT, purposes=(Purpose.RESEARCH,))
    assert asked(offered(bad, research)) == asked(offered(research, bad)) == "purpose"


def test_a_strangers_tombstone_withdraws_nothing() -> None:
    sign_off = ANNA.sign(CONTENT)
    what = offered(sign_off, tombstone=tombstone(CONTENT, ANNA.predicate(CONTENT).record_id))
    assert isinstance(asked(what), Agreed)


def test_signed_times_are_those_of_the_episode() -> None:
    predicate = ANNA.predicate(CONTENT)
    coarse = predicate.episode.model_copy(update={"time_resolution": "1s"})
    assert asked(offered(ANNA.sign(CONTENT, episode=coarse))) == "other-bytes"


PURPOSES = st.sets(st.sampled_from(list(Purpose)), min_size=1)
USES = st.sets(st.sampled_from(list(ProhibitedUse)))


@given(st.sampled_from(list(Purpose)), USES, PURPOSES, USES)
def test_purpose_binds_whatever_is_asked_and_whatever_was_signed(
    purpose: Purpose,
    promised: set[ProhibitedUse],
    purposes: set[Purpose],
    prohibited: set[ProhibitedUse],
) -> None:
    sign_off = ANNA.sign(CONTENT, purposes=tuple(purposes), prohibited_uses=tuple(prohibited))
    found = asked(offered(sign_off), purpose=purpose, prohibited_uses=tuple(promised))
    may = purpose in purposes and prohibited <= promised
    assert isinstance(found, Agreed) == may
    if not may:
        assert found == ("prohibited-use" if purpose in purposes else "purpose")
