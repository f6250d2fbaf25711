"""The export of all of one's own: whole, of nobody else, as `signoff verify` reads it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.datasets import Person
from tests.support.hub_datasets import built, contributors_of
from tests.support.hubs import account_of, content_of, made_node, sign, signed
from tests.support.hubs_ended import admitted, by_key

from signoff_collector.consent.receipts import parse_receipt
from signoff_hub.api.own_archive import own_archive
from signoff_hub.node.node import Node
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.hub_api import OwnSignOff


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with made_node(tmp_path / "hub", "workers = 1\n") as made:
        yield made


def unpacked(node: Node, person: Person) -> dict[str, bytes]:
    """Return the files of somebody's export, by their names."""
    whole = b"".join(own_archive(node, account_of(person)))
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            assert (member.uid, member.uname, member.mtime) == (0, "", 0)
            found[member.name] = file.read()
    return found


def test_it_holds_all_of_ones_own_and_nothing_of_another(node: Node) -> None:
    mine, other = signed(node, 1), signed(node, 2)
    for sent in (mine, other):
        admitted(node, sent)
    built(node, "fixes", (mine, other))
    files = unpacked(node, mine.person)
    base = f"{mine.statement_sha256}/{mine.sha256}"
    assert files[f"{base}.episode"] == mine.content
    assert files[f"{base}.signoff.json"] == mine.sign_off.statement
    assert files[f"{base}.signoff.json.sig"] == mine.sign_off.signature
    receipt = parse_receipt(
        mine.sha256,
        f"{mine.statement_sha256}.json",
        files[f"{base}.receipt.json"],
        files[f"{base}.receipt.json.sig"],
    )
    assert receipt is not None
    assert receipt.fingerprint == node.key.fingerprint
    assert mine.statement_sha256.encode() in files[f"{base}.proof.json"]
    told = OwnSignOff.model_validate_json(files[f"{mine.statement_sha256}/told.json"])
    assert [(use.dataset, use.version) for use in told.uses] == [("fixes", 1)]
    assert len(files) == 7
    whole = b"".join([*files.values(), *(name.encode() for name in files)])
    own = set(unpacked_words(node, mine.person))
    foreign = {*contributors_of(node), other.sha256, other.statement_sha256} - own
    assert foreign
    assert not [word for word in foreign if word.encode() in whole]


def unpacked_words(node: Node, person: Person) -> set[str]:
    """Return the words of the rows that are somebody's own."""
    from sqlalchemy import select

    from signoff_hub.database.tables import SIGN_OFF

    with node.database.read() as connection:
        rows = connection.execute(select(SIGN_OFF).where(SIGN_OFF.c.account == account_of(person)))
        return {str(value) for row in rows for value in row}


def test_who_signs_what_another_signed_first_gets_no_bytes_of_it(node: Node) -> None:
    first = signed(node, 1)
    admitted(node, first)
    second = sign(node, Person(number=2), content_of(1))
    admitted(node, second)
    files = unpacked(node, second.person)
    base = f"{second.statement_sha256}/{second.sha256}"
    assert files[f"{base}.signoff.json"] == second.sign_off.statement
    assert not [name for name in files if name.endswith(".episode")]
    assert first.statement_sha256.encode() not in b"".join(files.values())
    assert f"{first.statement_sha256}/{first.sha256}.episode" in unpacked(node, first.person)


def test_what_was_taken_back_or_never_sent_is_not_in_it(node: Node) -> None:
    sent = signed(node, 1)
    assert unpacked(node, sent.person) == {}
    admitted(node, sent)
    withdraw(node, by_key(sent))
    assert set(unpacked(node, sent.person)) == {f"{sent.statement_sha256}/told.json"}
