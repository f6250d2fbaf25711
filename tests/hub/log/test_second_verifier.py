"""A verifier written from the RFC alone, ours, and pymerkle agree; none believes damage."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.hub_log import ADDRESS, opened_log

from signoff_collector.consent.log_proofs import proof_fault
from signoff_collector.consent.receipts import ReceiptBody, make_receipt, parse_receipt
from signoff_collector.consent.signatures.sshsig import RECEIPT
from signoff_hub.log.verifying import verify_mirror
from signoff_hub.objects.folder import FolderObjects
from signoff_schemas.hub_log import EntryKind, LogEntry, encode
from signoff_schemas.merkle import (
    consistency_path,
    inclusion_path,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.support.hub_log import LogPlace

FILE = Path(__file__).with_name("second_verifier.py")
REFUSED = (Exception,)  # whatever it stumbles over: it says no
ON = "2026-11-25T09:08:07Z"


def loaded() -> ModuleType:
    spec = spec_from_file_location("second_verifier", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECOND = loaded()


def says_yes(judge: Callable[[], object]) -> bool:
    try:
        judge()
    except REFUSED:
        return False
    return True


def test_it_is_short_and_knows_nothing_of_ours() -> None:
    source = FILE.read_text("utf-8")
    assert len(source.splitlines()) < 150
    named = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert named <= set(sys.stdlib_module_names)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 120), data=st.data())
def test_three_judges_agree_on_random_trees_and_on_random_damage(
    size: int, data: st.DataObject
) -> None:
    contents = [b"%d" % number for number in range(size)]
    leaves = [leaf_hash(content) for content in contents]
    root = root_of(leaves)
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for content in contents:
        theirs.append_entry(content)
    assert theirs.get_root() == root == SECOND.mth(leaves)

    def read(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = list(inclusion_path(index, size, read))
    assert theirs.prove_inclusion(index + 1, size).path[1:] == path
    assert SECOND.root_by_path(leaves[index], index, size, path) == root
    grown = list(consistency_path(first, size, read))
    old = root_of(leaves[:first])
    assert SECOND.roots_by_path(first, size, True, grown, old) == (old, root)
    pymerkle.verify_consistency(old, root, theirs.prove_consistency(first, size))

    other = data.draw(st.integers(0, size))
    for proof in (path, grown):
        wrong = [*proof, root] if not proof else data.draw(
            st.sampled_from([proof[1:], proof[:-1], [*proof, root], proof[::-1],
                             [leaf_hash(proof[0]), *proof[1:]]])
        )  # fmt: skip
        for at, way in ((index, wrong), (other, path)):
            ours = proves_inclusion(leaves[index], at, size, way, root)
            assert ours == says_yes(
                lambda at=at, way=way: SECOND.expect(
                    0 <= at < size and SECOND.root_by_path(leaves[index], at, size, way) == root,
                    "",
                )
            )
        for one, way in ((first, wrong), (other, grown)):
            if one:  # the empty tree begins every tree: that needs no proof
                ours = proves_consistency(one, old, size, root, way)
                found = says_yes(
                    lambda one=one, way=way: SECOND.expect(
                        SECOND.roots_by_path(one, size, True, way, old) == (old, root), ""
                    )
                )
                assert ours == found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[LogPlace, Path]:
    """A published log on a disk, a copy of its folder, and what a contributor keeps."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "objects").mkdir()
    place = opened_log(folder, FolderObjects(folder / "objects"))
    place.append(262)
    (folder / "old.json").write_bytes(place.log.publish().content)
    admitted = LogEntry(kind=EntryKind.ADMITTED, subject="cd" * 32, on=ON)
    with place.database.write() as connection:
        (at,) = place.log.append(connection, [admitted])
    place.append(300, 263)
    (folder / "new.json").write_bytes(place.log.publish().content)
    body = ReceiptBody(
        receipt_version=2, sha256="ab" * 32, statement_sha256="cd" * 32, received_on=ON,
        receiver=ADDRESS, log_index=at,
    )  # fmt: skip
    content = make_receipt(body)
    (folder / "receipt.json").write_bytes(content)
    (folder / "receipt.json.sig").write_bytes(place.key.sign(content, RECEIPT))
    (folder / "proof.json").write_text(place.log.proof_of(at))
    (folder / "grown.json").write_text(place.log.consistency(262, 563))
    (folder / "hub.pub").write_text(place.key.public_line + "\n")
    place.database.close()
    return place, folder


WAYS = {
    "mirror": ["objects/log", "hub.pub"],
    "proof": ["proof.json", "hub.pub"],
    "grown": ["grown.json", "old.json", "new.json"],
    "receipt": ["receipt.json", "receipt.json.sig", "proof.json", "hub.pub"],
}


@pytest.mark.parametrize("way", WAYS)
def test_it_runs_as_a_program(kept: tuple[LogPlace, Path], way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", FILE, way, *WAYS[way]],
        cwd=kept[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def edited(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content) - 1))
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_both_refuse_an_edited_receipt_or_proof(
    kept: tuple[LogPlace, Path], data: st.DataObject
) -> None:
    place, folder = kept
    parts = {name: (folder / name).read_bytes() for name in WAYS["receipt"][:3]}
    which = data.draw(st.sampled_from(["none", *parts]))
    if which != "none":
        parts[which] = edited(parts[which], data)
    content, signature, proof = parts.values()
    key = place.key.public_line
    second = says_yes(lambda: SECOND.receipt(content, signature, json.loads(proof), key))
    receipt = parse_receipt("ab" * 32, f"{'cd' * 32}.json", content, signature)
    ours = receipt is not None and proof_fault(receipt, proof) is None
    assert ours == (which == "none")
    if which == "none":
        assert second
    elif which != "proof.json":  # of a proof ours demands one spelling, JSON has more
        assert not second


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_both_find_what_was_changed_in_a_mirror(
    kept: tuple[LogPlace, Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place, folder = kept
    copy = tmp_path_factory.mktemp("mirror")
    shutil.copytree(folder / "objects" / "log", copy / "log")
    files = sorted(file for file in copy.rglob("*") if file.is_file())
    file = data.draw(st.sampled_from(files))
    match data.draw(st.sampled_from(["edit", "cut", "nothing"])):
        case "edit":
            file.write_bytes(edited(file.read_bytes(), data))
        case "cut":
            file.write_bytes(file.read_bytes()[:-1])
        case _:
            file = None
    report = verify_mirror(FolderObjects(copy), public_key=place.key.public_key, address=ADDRESS)
    assert bool(report.faults) == (file is not None)
    is_good = says_yes(lambda: SECOND.mirror(copy / "log", place.key.public_line))
    assert is_good == (file is None)
    shutil.rmtree(copy)


def test_a_log_that_was_changed_has_no_proof_that_it_grew(
    kept: tuple[LogPlace, Path],
) -> None:
    _, folder = kept
    proof, old, new = (json.loads((folder / name).read_bytes()) for name in WAYS["grown"])
    assert says_yes(lambda: SECOND.grown(proof, old, new))
    other = {**old, "root": encode(LogEntry(kind=EntryKind.POLICY, subject="0" * 64, on=ON)).hex()}
    assert not says_yes(lambda: SECOND.grown(proof, other, new))
    assert not says_yes(lambda: SECOND.grown(proof, old, {**new, "size": 564}))
