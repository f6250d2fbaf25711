"""The commands of the hub that the pages for who runs one show: each works as it stands there."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

import pytest
from tests.support.cli import signoff

from signoff_hub.commands.which_hub import opened
from signoff_schemas.hub_log import EntryKind, log_entry

PAGES = Path(__file__).resolve().parents[2] / "docs" / "hub"


def commands(page: str) -> list[list[str]]:
    text = (PAGES / page).read_text("utf-8")
    blocks = re.findall(r"^ *```sh\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line.split() for line in lines if line.startswith("signoff hub ")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    where = argparse.Namespace(data=tmp_path / "hub", database=None, store=None)
    with opened(where, listens_on="http://127.0.0.1:8443") as node:
        with node.database.write() as connection:
            entry = log_entry(EntryKind.POLICY, "0" * 64, node.moment(), "hold")
            node.log.append(connection, (entry,))
        node.log.publish()
        (tmp_path / "hub.pub").write_text(f"{node.key.public_line}\n")
    shutil.copytree(tmp_path / "hub" / "objects" / "log", tmp_path / "mirror" / "log")
    return tmp_path


@pytest.mark.parametrize("page", ["first_day.md", "works_council.md", "disaster.md"])
def test_each_command_of_the_hub_works_as_the_page_has_it(page: str, place: Path) -> None:
    ran = 0
    for _, *words in commands(page):
        if "serve" not in words:
            said = signoff(*words, cwd=place)
            assert said.code == 0, (words, said)
            ran += 1
    assert ran >= 1


def test_the_first_command_of_the_first_day_makes_a_hub() -> None:
    assert commands("first_day.md")[0] == ["signoff", "hub", "serve", "--data", "hub"]
