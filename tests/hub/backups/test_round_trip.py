"""A backup brings a hub back: every row, every object, the same log, and it proves itself."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import insert, select, update
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import DATABASE, STORE, Place, objects_of, send, send_blob, signed
from tests.support.hubs_backed_up import LOG, back, opened, rows_of, save_from, states_of
from tests.support.hubs_ended import admitted, by_key, windows_of
from tests.support.hubs_verified import admit_all, clock, fill, found

from signoff_hub.backups.checking import check
from signoff_hub.backups.restoring import Where
from signoff_hub.backups.saving import save
from signoff_hub.database.tables import ENROLMENT_CODE, JOB, LEGAL_HOLD, READING
from signoff_hub.jobs.queue import RUNNING
from signoff_hub.signing_in.accounts import make_codes
from signoff_hub.signing_in.tokens import Scope, make_api_token
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.errors import RefusedError, UsageError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders"),
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hub in which everything occurs once, and nothing is due."""
    place = Place(root=tmp_path_factory.mktemp("filled") / "hub")
    fill(place.root)
    with opened(place) as node:
        sweep(node)
        with node.database.write() as connection:
            row = {"access_grant": "0" * 32, "dataset": "a", "version": 1, "purpose": "research"}
            connection.execute(insert(READING).values(**row, read_on=0, leaf=1, id=41))
    return place


def test_every_row_and_object_comes_back_and_the_hub_proves_itself(
    hub: Place, tmp_path: Path
) -> None:
    saved = save_from(hub, tmp_path / "backup")
    assert saved.missing == []
    with opened(hub) as node:
        rows, objects = rows_of(node), objects_of(node)
    unsigned = {key for key in objects if signed(node, 10).sha256 in key}
    assert len(unsigned) == 1, "bytes that nobody signed are nobody's to keep"
    where = Where(root=tmp_path / "again", key=hub.root / "keys" / "hub")
    with back(tmp_path / "backup", where) as again:
        assert again.findings == []
        after = rows_of(again.node)
        for name, before in rows.items():
            if name in LOG:
                assert after[name][: len(before)] == before or name == "log_state"
            else:
                assert after[name] == before, name
        assert {**objects_of(again.node), **{key: objects[key] for key in unsigned}} == objects
        assert found(again.node) == []
        told = after["log_opening"][len(rows["log_opening"]) :]
        assert len(told) == 1
        assert '"because":"restored"' in str(told[0][2]), "a leaf says that a backup came back"
        admitted(again.node, signed(again.node, 21))
        admit_all(again.node)
        again.node.log.publish()
        assert found(again.node) == [], "it goes on"


def test_a_backup_is_private_and_lets_nobody_in(hub: Place, tmp_path: Path) -> None:
    with opened(hub) as node:
        secret = make_api_token(node, "auditor", (Scope.AUDIT,), 30)
        with served(node) as client:
            person = signed(node, 1).person
            token = signed_in(client, person)["Authorization"].split(" ")[1]
        saved = save(node, tmp_path / "backup")
        manifest = check(tmp_path / "backup").manifest
        assert manifest.erase_by == saved.erase_by
        day_and_hour = manifest.made_on, manifest.erase_by
        assert day_and_hour == ("2026-10-11T14:13:20Z", "2026-10-12T14:13:20Z")
        private = (hub.root / "keys" / "hub").read_bytes()
    for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        if path.is_file():
            content = path.read_bytes()
            for one in (secret.encode(), token.encode(), private):
                assert one not in content, path
    rows = {path.stem for path in (tmp_path / "backup" / "rows").iterdir()}
    assert not rows & {"token", "challenge", "part"}
    assert list(tmp_path.glob(".backup*")) == [], "nothing is left beside it"


def test_the_key_is_in_it_where_that_is_asked_for(hub: Place, tmp_path: Path) -> None:
    with opened(hub) as node:
        save(node, tmp_path / "backup", with_key=True)
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
    mode = (tmp_path / "backup" / "keys" / "hub").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_name_that_is_taken_is_left_alone(hub: Place, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(UsageError, match="there is something"):
        save_from(hub, tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_job_that_a_node_held_waits_again(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        send_blob(node, signed(node, 1))
        admitted(node, signed(node, 1))
        with node.database.write() as connection:
            held = {"state": RUNNING, "worker": "0" * 32, "lease_until": 1 << 40}
            connection.execute(update(JOB).values(held))
        save(node, tmp_path / "backup", with_key=True)
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert [row[3] for row in rows_of(again.node)["job"]] == ["waiting"]
        admit_all(again.node)
        assert set(states_of(again.node).values()) == {"admitted"}


def test_what_comes_while_it_is_made_is_in_it_whole_or_not_at_all(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        for number in range(1, 6):
            admitted(node, signed(node, number))

        def write() -> None:
            with opened(place) as other:
                for number in range(6, 14):
                    admitted(other, signed(other, number))
                    other.log.publish()

        writer = Thread(target=write)
        writer.start()
        saved = save(node, tmp_path / "backup", with_key=True)
        writer.join()
        assert saved.missing == []
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        admit_all(again.node)  # one may have been received, and not looked at yet
        assert 5 <= len(states_of(again.node)) <= 13
        assert set(states_of(again.node).values()) == {"admitted"}


IN_BETWEEN = {
    "blob reserved": set[str](),
    "blob created": set[str](),
    "signature created": set[str](),
    "statement created": set[str](),
    "sign-off received": {"received"},
    "episode examined": {"received"},
    "admission committed": {"admitted"},
}
"""What rows say at each moment of an episode's way that is outside of a transaction."""


@pytest.mark.parametrize("moment", IN_BETWEEN)
def test_a_backup_of_any_moment_of_an_episodes_way_comes_back(moment: str, tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    saved: list[str] = []

    def saves(point: str) -> None:
        if point == moment and not saved:
            saved.append(point)
            with opened(place) as other:
                save(other, tmp_path / "backup", with_key=True)

    with opened(place) as node:
        admitted(replace(node, probe=saves), signed(node, 1))
    assert saved == [moment]
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        assert set(states_of(again.node).values()) == IN_BETWEEN[moment]
        admitted(again.node, signed(again.node, 1))
        assert found(again.node) == []
        assert set(states_of(again.node).values()) == {"admitted"}, "sent again, it is taken"


def test_what_is_admitted_between_rows_and_objects_has_no_receipt_in_it(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        send(node, signed(node, 1))

        def admits(name: str) -> None:
            if name == "rows saved":
                admit_all(node)

        save(replace(node, probe=admits), tmp_path / "backup", with_key=True)
        assert set(states_of(node).values()) == {"admitted"}
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        assert set(states_of(again.node).values()) == {"received"}


def test_what_is_taken_back_while_it_is_made_is_not_in_it(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        gone, stays = signed(node, 1), signed(node, 2)
        admitted(node, gone)
        admitted(node, stays)
    is_done = False

    def take_back(point: str) -> None:
        nonlocal is_done
        if point == "objects copied" and not is_done:
            is_done = True
            with opened(place) as other:
                withdraw(other, by_key(gone))
                sweep(other)

    node = place.open(clock=clock(), probe=take_back)
    try:
        saved = save(node, tmp_path / "backup", with_key=True)
    finally:
        node.close()
    assert is_done
    assert saved.missing == []
    needles = windows_of(gone, stays)
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(one in content for one in needles), path
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        assert states_of(again.node) == {stays.statement_sha256: "admitted"}
        assert rows_of(again.node)["tombstone"][0][4] == "withdrawn"


def test_what_the_law_holds_is_in_it_though_it_was_taken_back(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        held = signed(node, 1)
        admitted(node, held)
        with node.database.write() as connection:
            row = {"episode": held.sha256, "reason": "file 1", "until": node.now() + 9_999}
            connection.execute(insert(LEGAL_HOLD).values(row))
        withdraw(node, by_key(held))
        objects = objects_of(node)
        save(node, tmp_path / "backup", with_key=True)
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        assert objects_of(again.node) == objects


def test_what_is_missing_or_changed_is_told_then_and_when_it_comes_back(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        lost, changed, stays = signed(node, 1), signed(node, 2), signed(node, 3)
        for one in (lost, changed, stays):
            admitted(node, one)
    blobs = place.root / "objects" / "blobs"
    shutil.rmtree(blobs / lost.sha256[:2])
    (blobs / changed.sha256[:2] / changed.sha256).write_bytes(b"other")
    saved = save_from(place, tmp_path / "backup")
    assert sorted(saved.missing) == sorted(
        f"blobs/{one.sha256[:2]}/{one.sha256}" for one in (lost, changed)
    )
    where = Where(root=tmp_path / "again", key=place.root / "keys" / "hub")
    with back(tmp_path / "backup", where) as again:
        named = [one.split(":")[0] for one in again.findings]
        assert sorted(named) == sorted(saved.missing)
        assert stays.sha256 not in str(named)


def test_a_code_that_was_not_used_is_not_good_twice(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        make_codes(node, 3)
        with node.database.write() as connection:
            first = connection.execute(select(ENROLMENT_CODE.c.hash).limit(1)).scalar_one()
            used = update(ENROLMENT_CODE).where(ENROLMENT_CODE.c.hash == first)
            connection.execute(used.values(used=True))
        save(node, tmp_path / "backup", with_key=True)
    with back(tmp_path / "backup", Where(root=tmp_path / "again")) as again:
        assert again.findings == []
        assert [row[0] for row in rows_of(again.node)["enrolment_code"]] == [first]


def test_a_backup_in_the_hub_itself_is_refused(hub: Place) -> None:
    (hub.root / "link").symlink_to(hub.root / "objects")
    for name in ("backup", "objects/backup", "link/backup"):
        with pytest.raises(RefusedError, match="in the hub's own folder"):
            save_from(hub, hub.root / name)
    (hub.root / "link").unlink()
    assert not list(hub.root.rglob("*backup*"))
