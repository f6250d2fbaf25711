"""Terms are kept for ever, found by their digest, and renewed only when they say something else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.support.clock import FakeClock
from tests.support.hubs import ADDRESS, DAY_S, made_place

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import TERMS
from signoff_hub.node.kept_terms import KeptTerms
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub import parse_terms, terms_sha256

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.support.hubs import Place

    from signoff_hub.node.node import Node


@contextmanager
def _node(place: Place, clock: FakeClock) -> Generator[Node]:
    node = place.open(clock=clock)
    try:
        yield node
    finally:
        node.close()


def test_the_same_settings_keep_the_same_terms_on_every_start(tmp_path: Path) -> None:
    clock = FakeClock()
    with made_place(tmp_path / "hub") as place:
        with _node(place, clock) as node:
            first = node.terms
        clock.advance(DAY_S)
        with _node(place, clock) as node:
            assert node.terms == first
            signed = verify_signature(node.terms, node.terms_signature, TERMS)
            assert signed.public_key == node.key.public_key


def test_other_settings_make_other_terms_and_the_earlier_ones_stay_known(tmp_path: Path) -> None:
    clock = FakeClock()
    with made_place(tmp_path / "hub") as place, _node(place, clock) as before:
        clock.advance(DAY_S)
        (place.root / "hub.toml").write_text("retention_days = 30\n")
        with _node(place, clock) as after:
            assert parse_terms(after.terms).retention_days == 30
            for node in (before, after):
                for content in (before.terms, after.terms):
                    found = node.kept_terms.find(terms_sha256(content))
                    assert found is not None
                    assert found.content == content
                assert node.kept_terms.find("0" * 64) is None
            last = after.kept_terms.last()
            assert last is not None
            assert last.content == after.terms


def test_terms_of_another_key_or_address_in_the_same_store_are_none_of_ours(
    tmp_path: Path,
) -> None:
    with (
        made_place(tmp_path / "hub") as place,
        made_place(tmp_path / "other") as other,
        _node(place, FakeClock()) as node,
        _node(other, FakeClock()) as stranger,
    ):
        digest = terms_sha256(node.terms)
        assert KeptTerms(node.objects, node.key, ADDRESS).find(digest) is not None
        assert KeptTerms(node.objects, stranger.key, ADDRESS).find(digest) is None
        elsewhere = KeptTerms(node.objects, node.key, type(ADDRESS)("https://hub.example.org/b"))
        assert elsewhere.find(digest) is None
        assert elsewhere.last() is None


def test_other_bytes_in_the_place_of_the_terms_stop_the_node(tmp_path: Path) -> None:
    with made_place(tmp_path / "hub") as place:
        with _node(place, FakeClock()) as node:
            key = f"terms/{terms_sha256(node.terms)}.json.sig"
            node.objects.remove(key)
            assert node.objects.create(key, b"no signature")
        with pytest.raises(DamagedError):
            place.open(clock=FakeClock())
