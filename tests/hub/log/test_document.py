"""The commands of docs/hub/log.md do what stands there, with stock tools alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.hub_log import opened_log

from signoff_hub.objects.folder import FolderObjects
from signoff_schemas.hub_log import EntryKind, parse_inclusion_proof

DOCUMENT = Path(__file__).parents[3] / "docs" / "hub" / "log.md"


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


def run(script: str, folder: Path, salt: str) -> int:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env={"PATH": "/usr/bin:/bin:/usr/local/bin", "salt": salt},
        capture_output=True, check=False,
    ).returncode  # fmt: skip


@pytest.mark.skipif(shutil.which("xxd") is None, reason="xxd is not on this machine")
def test_the_commands_prove_a_head_and_a_leaf_and_no_other(tmp_path: Path) -> None:
    place = opened_log(tmp_path, FolderObjects(tmp_path))
    place.append(5)
    place.log.publish()
    (tmp_path / "hub.pub").write_text(place.key.public_line + "\n")
    proof = parse_inclusion_proof(place.log.proof_of(0).encode())
    assert proof.entry is not None
    assert proof.salt is not None
    (tmp_path / "entry").write_text(proof.entry)
    place.database.close()
    head, leaf = blocks()
    assert run(head, tmp_path, "") == 0
    assert run(leaf, tmp_path, proof.salt) == 0
    assert run(leaf, tmp_path, "00" * 32) != 0
    (tmp_path / "log/heads/5.json").write_bytes(b"{}\n")
    assert run(head, tmp_path, "") != 0


def test_every_kind_of_entry_is_listed() -> None:
    text = DOCUMENT.read_text("utf-8")
    for kind in EntryKind:
        assert f"`{kind}`" in text
