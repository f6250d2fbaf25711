"""A refresh that is killed before any one of its file operations leaves the old or the new."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.datasets_refreshed import OwnSet, own_set
from tests.support.forked import ends_by_itself
from tests.support.killed import die_before

from signoff_datasets.verifying.verifying import verify
from signoff_schemas.dataset import parse_plan

pytestmark = pytest.mark.slow

PLACES = ("first", "second", "second.plan.json", "store")


def whole(folder: Path, made: OwnSet) -> bool:
    """Say whether a data set is there and verifies to the last byte."""
    if not (folder / "manifest.json").exists():
        return False
    found = verify(
        folder,
        authority=made.authority(),
        is_builder=lambda _key, _name: True,
        day=made.day,
        plan=None,
        tell=lambda _done, _all: None,
    )
    return [one for one in found.findings if one.weight != "not-proven"] == []


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for name in PLACES
        for path in sorted([root / name, *(root / name).rglob("*")])
        if path.is_file()
    }


def _runs_whole(made: OwnSet, number: int, root: Path) -> bool:
    def runs() -> None:
        die_before(number, root)
        made.at(root).refresh(root / "first", root / "second")

    return ends_by_itself(runs)


def test_killed_anywhere_the_old_or_the_new_is_whole_and_a_rerun_ends_alike(
    tmp_path: Path,
) -> None:
    start = tmp_path / "start"
    made = own_set(start, episodes=4, shards=2)
    made.withdraw(min(made.contents))
    done = tmp_path / "done"
    shutil.copytree(start, done)
    made.at(done).refresh(done / "first", done / "second")
    wanted = tree(done)
    number = 0
    while True:
        number += 1
        root = tmp_path / "killed"
        shutil.copytree(start, root)
        is_whole = _runs_whole(made, number, root)
        old, new = whole(root / "first", made), whole(root / "second", made)
        assert old or new, f"killed in front of change {number}"
        if is_whole:
            break
        made.at(root).refresh(root / "first", root / "second")
        assert tree(root) == wanted, f"killed in front of change {number}"
        assert not [one.name for one in root.iterdir() if "building" in one.name]
        shutil.rmtree(root)
    assert number > 60
    assert parse_plan((done / "second.plan.json").read_bytes()).shards
