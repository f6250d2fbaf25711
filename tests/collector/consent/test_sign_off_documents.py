"""What docs/sign_off.md and docs/withdrawal.md say is what the code does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.sign_off import signed_episode

from signoff_collector.consent.receipts import ReceiptBody
from signoff_collector.consent.sign_off_files import read_sign_off, statement_path
from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import NAMESPACES, parse_signature, unarmour
from signoff_collector.consent.withdrawal import Tombstone
from signoff_schemas.hub import HubTerms, Limits
from signoff_schemas.receiver import LawfulBasis, Receiver
from signoff_schemas.statement import Predicate, ProhibitedUse, Purpose, parse_statement

DOCS = Path(__file__).resolve().parents[3] / "docs"


def names_in_table(document: str, heading: str) -> list[str]:
    table = document[document.index(heading) :].split("\n\n", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row)]


def test_the_table_of_the_predicate_names_every_field() -> None:
    document = (DOCS / "sign_off.md").read_text("utf-8")
    assert sorted(names_in_table(document, "| predicate | value |")) == sorted(
        Predicate.model_fields
    )
    for word in (*Purpose, *ProhibitedUse):
        assert word in document


def test_the_table_of_a_hubs_terms_names_every_field() -> None:
    document = (DOCS / "sign_off.md").read_text("utf-8")
    section = document[document.index("## Terms of a hub") :]
    assert sorted({*names_in_table(section, "| terms | value |")} - {"max_episode_bytes"}) == (
        sorted(HubTerms.model_fields)
    )
    assert all(f"`{name}`" in section for name in (*Receiver.model_fields, *Limits.model_fields))
    assert all(word in section for word in LawfulBasis)


def test_the_namespaces_are_all_named() -> None:
    document = (DOCS / "sign_off.md").read_text("utf-8")
    assert all(f"`{name}`" in document for name in NAMESPACES)


def test_the_table_of_the_tombstone_names_every_field() -> None:
    document = (DOCS / "withdrawal.md").read_text("utf-8")
    assert sorted(names_in_table(document, "| name | value |")) == sorted(Tombstone.model_fields)


def test_the_section_on_receipts_names_every_field() -> None:
    document = (DOCS / "sign_off.md").read_text("utf-8")
    section = document[document.index("## Receipts") :]
    assert all(f"`{name}`" in section for name in ReceiptBody.model_fields)


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_commands_for_stock_tools_work_as_written(
    home: Path, tmp_path: Path, is_changed: bool
) -> None:
    path = signed_episode(home, tmp_path / "store")
    sign_off = read_sign_off(path)
    if is_changed:
        path.write_bytes(path.read_bytes() + b"\0")
    (block,) = re.findall(r"```sh\n(.*?)```", (DOCS / "sign_off.md").read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        ["/bin/sh", "-ec", block],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
        env={
            **os.environ,
            "CONTRIBUTOR": parse_statement(sign_off.statement).predicate.contributor,
            "PUBLIC_KEY": public_key_line(parse_signature(unarmour(sign_off.signature)).public_key),
            "STATEMENT": str(statement_path(path)),
            "EPISODE": str(path),
        },
    )
    assert 'Good "signoff-episode-v1" signature' in done.stdout, done.stderr
    assert (done.returncode == 0) == (not is_changed), done.stderr
    assert (": OK" in done.stdout) == (not is_changed)
