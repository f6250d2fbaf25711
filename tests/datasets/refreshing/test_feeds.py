"""A data set follows a hub's feed: withdrawals that its own source has not heard of count."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.support.datasets import Person
from tests.support.datasets_refreshed import OwnSet, own_set
from tests.support.hub_terms import HUB, HubKey

from signoff_collector.consent.signatures.sshsig import NOTICE, TERMS, WITHDRAWAL
from signoff_collector.consent.withdrawal import Tombstone
from signoff_datasets.building.signing import HomeBuilder
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.refreshing.feeds import FollowingSource, read_feed
from signoff_datasets.refreshing.refreshes import Refresh, Refreshed
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.dataset import parse_plan
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_feed import (
    EndedEpisode,
    FeedPage,
    SignedPage,
    encode_page,
    encode_signed_page,
)
from signoff_schemas.statement import parse_statement


def tombstone(made: OwnSet, sha256: str, by: Person) -> bytes:
    predicate = parse_statement(made.sign_offs[sha256].statement).predicate
    unsigned = Tombstone(
        sha256=sha256,
        record_id=predicate.record_id,
        handle=predicate.withdrawal.handle,
        withdrawn_on="2026-12-01",
    )
    signature = by.signature(unsigned.message, WITHDRAWAL).decode("ascii")
    return unsigned.model_copy(update={"signature": signature}).encode()


def saved(path: Path, sha256: str, content: bytes, namespace: str = NOTICE) -> Path:
    one = EndedEpisode(
        leaf=7, sha256=sha256, because="withdrawn", on="2026-12-01", tombstone=content.decode()
    )
    page = FeedPage(receiver=HUB, after=0, next=8, is_last=True, episodes=(one,), datasets=())
    signed = encode_page(page)
    signature = HubKey().sign(signed, namespace).decode()
    path.write_bytes(encode_signed_page(SignedPage(content=signed.decode(), signature=signature)))
    return path


def refreshed(made: OwnSet, page: Path) -> Refreshed:
    folder, out = made.root / "first", made.root / "second"
    opened = open_source(address_of(str(made.store)))
    with closing(FollowingSource(opened, read_feed([page]))) as source:
        return Refresh(
            folder=folder,
            plan=parse_plan(folder.with_name("first.plan.json").read_bytes()),
            source=source,
            authority=made.authority(),
            engine=SerialEngine(),
            day=made.day,
            builder=HomeBuilder(made.home()),
        ).into(out, made.root / "second.plan.json", lambda _done, _all: None)


def test_a_withdrawal_in_a_page_makes_a_new_version_without_the_episode(tmp_path: Path) -> None:
    made = own_set(tmp_path, episodes=4, shards=2)
    gone = min(made.contents)
    page = saved(tmp_path / "page.json", gone, tombstone(made, gone, made.person))
    found = refreshed(made, page)
    assert found.notice is not None
    assert (found.notice.episodes, found.notice.reasons) == ((gone,), {"withdrawn": 1})


def test_a_page_makes_nothing_go_that_its_signer_did_not_take_back(tmp_path: Path) -> None:
    made = own_set(tmp_path, episodes=4, shards=2)
    kept = min(made.contents)
    page = saved(tmp_path / "page.json", kept, tombstone(made, kept, Person(number=99)))
    assert refreshed(made, page).notice is None


def test_a_page_that_no_hub_signed_for_this_is_refused(tmp_path: Path) -> None:
    made = own_set(tmp_path, episodes=4, shards=2)
    gone = min(made.contents)
    content = tombstone(made, gone, made.person)
    with pytest.raises(NotSignedError):
        read_feed([saved(tmp_path / "page.json", gone, content, TERMS)])
    (tmp_path / "page.json").write_bytes(content)
    with pytest.raises(DamagedError):
        read_feed([tmp_path / "page.json"])
