"""A backup or a restore that is killed at any point: it is none, and the next try is whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.forked import ends_by_itself
from tests.support.hubs import DATABASE, STORE, Place, objects_of, signed
from tests.support.hubs_backed_up import back, beside, opened, restore_to, save_from, states_of
from tests.support.hubs_ended import admitted, by_key
from tests.support.hubs_verified import clock

from signoff_hub.backups.checking import check
from signoff_hub.backups.restoring import Where
from signoff_hub.backups.saving import save
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.errors import NotFoundError, RefusedError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders"),
]
SAVING = ("table saved", "rows saved", "object copied", "objects copied", "backup whole")
RESTORING = (
    "database marked",
    "folder written",
    "table filled",
    "rows written",
    "rows committed",
    "ended again",
    "object brought back",
    "brought back",
    "unknown erased",
    "caught up",
    "log published",
)
"""Points at which no node may work with what is there; `unmarked` is the last one."""
OTHERS = ("sweep done", "expiry written")
"""Points of other rooms that a restore passes."""


def is_killed_at(point: str, work: Callable[[Callable[[str], None]], object]) -> bool:
    """Run something in a child that dies at a point; tell whether it did."""

    def dies(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return not ends_by_itself(lambda: work(dies))


def is_restore_killed_at(point: str, backup: Path, where: Where) -> bool:
    return is_killed_at(point, lambda probe: restore_to(backup, where, probe=probe))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(root=tmp_path / "hub")
    with opened(made) as node:
        for number in (1, 2):
            admitted(node, signed(node, number))
        node.log.publish()
    return made


@pytest.mark.parametrize("point", SAVING)
def test_a_backup_that_was_cut_off_is_none(point: str, place: Place, tmp_path: Path) -> None:
    def make(probe: Callable[[str], None]) -> None:
        node = place.open(clock=clock(), probe=probe)
        save(node, tmp_path / "backup", with_key=True)

    assert is_killed_at(point, make)
    assert not (tmp_path / "backup").exists()
    if point != "backup whole":
        with pytest.raises(NotFoundError, match="no backup"):
            check(tmp_path / ".backup.part")
    save_from(place, tmp_path / "backup")
    assert not (tmp_path / ".backup.part").exists(), "what was cut off is erased"
    check(tmp_path / "backup")


def test_the_points_are_all_there_are(place: Place, tmp_path: Path) -> None:
    reached: list[str] = []
    node = place.open(clock=clock(), probe=reached.append)
    save(node, tmp_path / "backup", with_key=True)
    node.close()
    assert tuple(dict.fromkeys(reached)) == SAVING
    reached.clear()
    restore_to(tmp_path / "backup", Where(root=tmp_path / "again"), probe=reached.append)
    passed = [one for one in dict.fromkeys(reached) if one not in OTHERS]
    assert tuple(passed) == (*RESTORING, "unmarked")


@pytest.mark.parametrize("point", RESTORING)
def test_no_node_works_with_a_restore_that_was_cut_off_and_the_next_one_is_whole(
    point: str, place: Place, tmp_path: Path
) -> None:
    key = place.root / "keys" / "hub"
    with opened(place) as node:
        states, objects = states_of(node), objects_of(node)
    save_from(place, tmp_path / "backup")
    where = Where(root=tmp_path / "again", key=key)
    assert is_restore_killed_at(point, tmp_path / "backup", where)
    with pytest.raises(RefusedError, match="cut off"):
        Place(root=where.root).open(clock=clock())
    with back(tmp_path / "backup", where) as again:
        assert again.findings == []
        assert (states_of(again.node), objects_of(again.node)) == (states, objects)


@pytest.mark.parametrize("point", ["rows committed", "ended again", "log published"])
def test_beside_its_store_too_and_what_was_taken_back_stays_so(
    point: str, place: Place, tmp_path: Path
) -> None:
    save_from(place, tmp_path / "backup")
    with opened(place) as node:
        gone, stays = signed(node, 1), signed(node, 2)
        withdraw(node, by_key(gone))
        sweep(node)
        node.log.publish()
    where = beside(place)
    assert is_restore_killed_at(point, tmp_path / "backup", where)
    with pytest.raises(RefusedError, match="cut off"):
        place.open(clock=clock())
    with back(tmp_path / "backup", where) as again:
        assert again.findings == []
        assert states_of(again.node) == {stays.statement_sha256: "admitted"}


def test_another_backup_is_not_put_over_one_that_was_cut_off(place: Place, tmp_path: Path) -> None:
    save_from(place, tmp_path / "one")
    with opened(place) as node:
        admitted(node, signed(node, 3))
    save_from(place, tmp_path / "other")
    where = Where(root=tmp_path / "again", key=place.root / "keys" / "hub")
    assert is_restore_killed_at("brought back", tmp_path / "one", where)
    with pytest.raises(RefusedError, match="not empty"):
        restore_to(tmp_path / "other", where)
    with back(tmp_path / "one", where) as again:
        assert again.findings == []
