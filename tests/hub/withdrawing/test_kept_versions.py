"""Old versions in a bucket: however many, whoever hid them, and what a policy keeps for now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from tests.support.ceph import CephGateway, ceph_gateway, need_programs
from tests.support.datasets import Person
from tests.support.hubs import Place, content_of, sign, signed
from tests.support.hubs_ended import admitted, by_key, run_jobs

from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.upload.stores.layout import (
    blob_key,
    receipt_folder,
    sign_off_folder,
    tombstone_key,
)
from signoff_hub.node.node import Node
from signoff_hub.objects.bucket import BucketObjects
from signoff_hub.operating.metrics import metrics_of
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import read_withdrawal, withdraw
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.hub
VERSIONING = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
MORE_THAN_A_PAGE = 1_003


@pytest.fixture(scope="module")
def gateway() -> Iterator[CephGateway]:
    need_programs()
    with ceph_gateway() as made:
        yield made


def forbid(gateway: CephGateway, bucket: str) -> None:
    """Let nobody erase a version, as a lock does; markers may be put."""
    rule = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteObjectVersion"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    gateway.ask("PUT", f"/{bucket}?policy=", policy)


@pytest.fixture
def bucket(gateway: CephGateway) -> str:
    return gateway.make_bucket()


@pytest.fixture
def node(
    gateway: CephGateway, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Node]:
    """A node on a bucket that begins to keep versions when it runs."""
    for name, value in gateway.keys.items():
        monkeypatch.setenv(name, value)
    made = Place(root=tmp_path / "hub", store=gateway.audience(bucket)).open()
    gateway.ask("PUT", f"/{bucket}?versioning=", VERSIONING)
    yield made
    made.close()


def left_of(gateway: CephGateway, bucket: str, sha256: str) -> set[str]:
    """Return the keys of which any version is there, in pages of its own curl."""
    prefixes = (blob_key(sha256), sign_off_folder(sha256), receipt_folder(sha256))
    return {key for key, _ in gateway.versions_in(bucket) if key.startswith(prefixes)}


def test_more_versions_than_a_listing_names_go_all(gateway: CephGateway, bucket: str) -> None:
    gateway.ask("PUT", f"/{bucket}?versioning=", VERSIONING)
    objects = BucketObjects(canonical_audience(gateway.audience(bucket)), gateway.keys)
    for number in range(MORE_THAN_A_PAGE):
        obstore.put(objects._client, "blobs/ab/abcd", f"{number} \U0001f600\U0001f333".encode())
    neighbour = "blobs/ab/abcd0"
    obstore.put(objects._client, neighbour, b"another")
    removed = objects.remove("blobs/ab/abcd")
    assert (removed.was_there, removed.kept_versions) == (True, False)
    assert {key for key, _ in gateway.versions_in(bucket)} == {neighbour}


def test_what_somebody_hid_behind_a_marker_is_found_and_goes(
    gateway: CephGateway, bucket: str, node: Node
) -> None:
    sent = signed(node, 1)
    admitted(node, sent)
    hidden = left_of(gateway, bucket, sent.sha256)
    assert len(hidden) == 5
    for key in hidden:
        gateway.ask("DELETE", f"/{bucket}/{key}")
        assert node.objects.size(key) is None
    folder = sign_off_folder(sent.sha256)
    assert list(node.objects.names(folder)) == []
    assert len(list(node.objects.names(folder, with_hidden=True))) == 2
    withdraw(node, by_key(sent))
    run_jobs(node)
    assert left_of(gateway, bucket, sent.sha256) == set()


def test_what_a_policy_keeps_is_told_and_tried_again_until_it_is_gone(
    gateway: CephGateway, bucket: str, node: Node
) -> None:
    whole, first = signed(node, 1), signed(node, 2)
    second = sign(node, Person(number=3), content_of(2))
    records = [
        parse_statement(one.sign_off.statement).predicate.record_id for one in (whole, second)
    ]
    for one in (whole, first, second):
        admitted(node, one)
    forbid(gateway, bucket)
    for one in (whole, second):  # one with its episode, one of two sign-offs alone
        withdraw(node, by_key(one))
    run_jobs(node)
    for _ in range(2):
        assert sweep(node).kept == 2
        assert b"signoff_hub_kept_versions 10.0" in metrics_of(node)
        assert [read_withdrawal(node, one).kept_versions for one in records] == [True, True]
        assert left_of(gateway, bucket, whole.sha256)
        assert node.objects.size(blob_key(whole.sha256)) is None, "it is hidden at least"
    gateway.ask("DELETE", f"/{bucket}?policy=")
    assert sweep(node).kept == 0
    assert b"signoff_hub_kept_versions 0.0" in metrics_of(node)
    assert [read_withdrawal(node, one).kept_versions for one in records] == [False, False]
    assert left_of(gateway, bucket, whole.sha256) == set()
    assert node.objects.size(tombstone_key(whole.sha256))
    kept = left_of(gateway, bucket, second.sha256)
    assert not any(second.statement_sha256 in key for key in kept)
    assert len([key for key in kept if first.statement_sha256 in key]) == 4
    assert blob_key(first.sha256) in kept
