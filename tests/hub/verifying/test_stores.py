"""A hub's store, and a mirror of its log, prove themselves without the hub."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.hubs import DATABASE, STORE
from tests.support.hubs_verified import copied, fill

from signoff_hub.verifying.findings import Counts
from signoff_hub.verifying.stores import verify_store, verify_tiles

if TYPE_CHECKING:
    from signoff_hub.node.node import Node

pytestmark = pytest.mark.skipif(
    bool(DATABASE or STORE), reason="each try begins with a copy of the hub's folder"
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("filled") / "hub"
    fill(root)
    return root


def told(node: Node) -> list[str]:
    findings = verify_store(node.objects, Counts(), public_key=node.key.public_key)
    return [f"{one.weight} {one.where}: {one.what}" for one in findings]


def test_a_store_proves_itself_and_names_what_only_its_rows_explain(
    filled: Path, tmp_path: Path
) -> None:
    with copied(filled, tmp_path) as node:
        (unsigned,) = told(node)
        assert unsigned.startswith("left-over blobs/")
        assert unsigned.endswith("nobody signed for these bytes")


def test_each_object_of_it_that_is_changed_is_named(filled: Path, tmp_path: Path) -> None:
    with copied(filled, tmp_path) as node:
        root = node.folder.objects
        before = set(told(node))
        for top in ("blobs", "signoffs", "receipts", "tombstones", "terms", "log"):
            for path in sorted(one for one in (root / top).rglob("*") if one.is_file())[::4]:
                content = path.read_bytes()
                path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
                assert set(told(node)) - before, path.relative_to(root)
                path.write_bytes(content)
        assert set(told(node)) == before


def test_another_key_proves_nothing_of_it(filled: Path, tmp_path: Path) -> None:
    from tests.support.datasets import Person

    with copied(filled, tmp_path) as node:
        counts = Counts()
        other = Person(number=99).public_key
        assert list(verify_store(node.objects, counts, public_key=other))
        assert counts.exit_code == 11


def test_a_mirror_is_a_copy_of_a_folder(filled: Path, tmp_path: Path) -> None:
    from signoff_hub.objects.folder import FolderObjects

    with copied(filled, tmp_path) as node:
        shutil.copytree(node.folder.objects / "log", tmp_path / "mirror" / "log")
        objects, counts = FolderObjects(tmp_path / "mirror"), Counts()
        assert list(verify_tiles(objects, counts, public_key=node.key.public_key)) == []
        assert counts.leaves > 10
        for tile in (tmp_path / "mirror" / "log" / "tile").rglob("*.p/*"):
            tile.unlink()
        assert list(verify_tiles(objects, Counts(), public_key=node.key.public_key))
