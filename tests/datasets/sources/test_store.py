"""A store as uploads fill it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.support.datasets import Person, content_of, put_in_store, words

from signoff_collector.consent.recovery import withdrawal_handle
from signoff_collector.consent.signatures.sshsig import RECEIPT
from signoff_collector.consent.withdrawal import Tombstone
from signoff_collector.upload.stores.layout import blob_key, receipt_folder, tombstone_key
from signoff_datasets.sources.opening import address_of, open_source
from signoff_datasets.sources.store import StoreSource
from signoff_schemas.statement import Withdrawal, statement_sha256

ANNA = Person(number=1)
SECRET = bytes(range(32))


def test_a_store_offers_each_signed_episode_with_its_receipt(tmp_path: Path) -> None:
    content = content_of(1)
    sign_off = ANNA.sign(content)
    sha256 = put_in_store(tmp_path, content, sign_off)
    statement = statement_sha256(sign_off.statement)
    receipt = json.dumps(
        {
            "receipt_version": 1,
            "sha256": sha256,
            "statement_sha256": statement,
            "received_on": "2026-11-21T00:00:00Z",
            "receiver": "https://hub.example",
        }
    ).encode()
    place = tmp_path / receipt_folder(sha256) / f"{statement}.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(receipt)
    place.with_name(f"{place.name}.sig").write_bytes(Person(number=99).signature(receipt, RECEIPT))
    source = open_source(address_of(str(tmp_path)))
    assert isinstance(source, StoreSource)
    assert list(source.places()) == [sha256]
    offered = source.offered(sha256)
    assert offered.snapshot is not None
    assert offered.snapshot.content == content
    assert offered.sign_offs == (sign_off,)
    assert [one.content for one in offered.receipts] == [receipt]
    assert offered.tombstone is None
    source.close()


def test_a_withdrawn_episode_is_offered_with_its_tombstone_and_without_its_bytes(
    tmp_path: Path,
) -> None:
    content = content_of(1)
    handle = withdrawal_handle(SECRET)
    sha256 = put_in_store(
        tmp_path, content, ANNA.sign(content, withdrawal=Withdrawal(handle=handle))
    )
    (tmp_path / blob_key(sha256)).unlink()
    tombstone = Tombstone(
        sha256=sha256,
        record_id=ANNA.predicate(content).record_id,
        handle=handle,
        withdrawn_on="2026-11-22",
        preimage=SECRET.hex(),
    )
    place = tmp_path / tombstone_key(sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(tombstone.encode())
    source = open_source(tmp_path.as_uri())
    offered = source.offered(sha256)
    assert offered.snapshot is None
    assert offered.tombstone == tombstone


def test_names_that_are_none_and_links_in_a_store_are_passed_over(tmp_path: Path) -> None:
    content = content_of(1)
    sha256 = put_in_store(tmp_path, content, ANNA.sign(content))
    folder = tmp_path / "signoffs"
    for name in ("zz", "ab/short", f"ab/{words('x', 64)}x", f"{sha256[:2]}/.{sha256[1:]}"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / sha256[:2] / sha256 / ("0" * 64 + ".json")).symlink_to("/dev/zero")
    (folder / "aa").symlink_to(folder / sha256[:2])
    source = open_source(tmp_path.as_uri())
    assert list(source.places()) == [sha256]
    assert len(source.sign_offs(sha256)) == 1


def test_an_episode_that_is_a_link_or_too_much_has_no_bytes(tmp_path: Path) -> None:
    content = content_of(1)
    sha256 = put_in_store(tmp_path, content, ANNA.sign(content))
    assert sha256 == hashlib.sha256(content).hexdigest()
    (tmp_path / blob_key(sha256)).unlink()
    (tmp_path / blob_key(sha256)).symlink_to("/dev/zero")
    assert open_source(tmp_path.as_uri()).content(sha256) is None
