"""Croissant says for machines what the manifest says, and holds nothing that ends a script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.cards import HOSTILE, manifest

from signoff_datasets.cards.croissant import croissant
from signoff_datasets.tables.columns import COLUMNS
from signoff_schemas.dataset import Manifest


def described(of: Manifest | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(croissant(of or manifest(), builder=HOSTILE))
    return found


def test_every_file_has_its_digest_and_every_column_its_field() -> None:
    made = described()
    files = {one["contentUrl"]: one["sha256"] for one in made["distribution"]}
    assert files == {file.path: file.sha256 for file in manifest().files}
    fields = {one["@id"]: [f["@id"] for f in one["field"]] for one in made["recordSet"]}
    assert fields == {t: [f"{t}/{column.name}" for column in COLUMNS[t]] for t in COLUMNS}


@pytest.mark.parametrize(("shards", "kind"), [(1, "fileObject"), (3, "fileSet")])
def test_records_come_from_all_files_of_their_table(shards: int, kind: str) -> None:
    made = described(manifest(shards=shards))
    ids = {one["@id"] for one in made["distribution"]}
    for record_set in made["recordSet"]:
        for field in record_set["field"]:
            assert field["source"][kind]["@id"] in ids


def test_terms_are_an_offer_for_one_purpose_with_all_prohibited_uses() -> None:
    offer = described()["usageInfo"]
    assert "odrl:Offer" in offer["@type"]
    (permission,) = offer["odrl:permission"]
    assert permission["odrl:constraint"]["odrl:rightOperand"] == {"@id": "dpv:MachineLearning"}
    assert [one["odrl:action"]["@id"] for one in offer["odrl:prohibition"]] == [
        "urn:signoff:use:identification",
        "urn:signoff:use:profiling",
    ]


def test_licences_are_addresses_and_none_stands_for_what_is_not_known() -> None:
    made = described(manifest(licence="MIT OR GPL-2.0+ WITH Classpath-exception-2.0"))
    assert made["license"] == [
        f"https://spdx.org/licenses/{name}.html"
        for name in ("Apache-2.0", "Classpath-exception-2.0", "GPL-2.0", "MIT")
    ]
    assert len(described(manifest(licence="NOASSERTION"))["license"]) == 1


def test_no_sign_of_html_stands_in_it_and_hostile_text_comes_back_whole() -> None:
    content = croissant(manifest(), builder=HOSTILE)
    assert content.isascii()
    assert not {*content} & {*b"<>&"}
    assert described()["creator"]["name"] == f"holder of the key {HOSTILE}"
