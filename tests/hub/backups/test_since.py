"""What was done after a backup: it ends again, comes along, or the hub refuses to come back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.datasets import Person, words
from tests.support.hubs import (
    DATABASE,
    STORE,
    Place,
    content_of,
    objects_of,
    send_blob,
    sign,
    signed,
)
from tests.support.hubs_backed_up import (
    back,
    beside,
    files_of,
    opened,
    restore_to,
    save_from,
    states_of,
)
from tests.support.hubs_built import (
    BUILDER,
    PEOPLE,
    asked,
    built,
    manifest_of,
    objects_below,
    run_builds,
    share,
)
from tests.support.hubs_ended import admitted, by_key, places_of, windows_of
from tests.support.hubs_verified import admit_all, found

from signoff_hub.backups.checking import check
from signoff_hub.backups.feeds import read_pages
from signoff_hub.backups.restoring import Where
from signoff_hub.building.builds import begin
from signoff_hub.building.plans import draw_plan
from signoff_hub.withdrawing.feed import feed
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import digest_of
from signoff_schemas.errors import NotFoundError, NotSignedError, RefusedError
from signoff_schemas.hub_feed import encode_signed_page, parse_page
from signoff_schemas.hub_log import parse_head

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders"),
]
GONE, ALONE, STAYS, LATE = 1, 2, 3, 4


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup, the hub that lived on after it, and what others kept of it."""
    root = tmp_path_factory.mktemp("lived")
    place = Place(root=root / "hub")
    with opened(place) as node:
        for number in (GONE, ALONE, STAYS):
            admitted(node, signed(node, number))
        admitted(node, sign(node, Person(number=9), content_of(ALONE)))
    save_from(place, root / "backup")
    with opened(place) as node:
        withdraw(node, by_key(signed(node, GONE)))
        withdraw(node, by_key(sign(node, Person(number=9), content_of(ALONE))))
        sweep(node)
        admitted(node, signed(node, LATE))
        send_blob(node, signed(node, 5))
        head = node.log.publish()
        (root / "page.json").write_bytes(encode_signed_page(feed(node, 0)))
        (root / "head.json").write_bytes(head.content)
        (root / "head.json.sig").write_bytes(head.signature)
    return root


@pytest.fixture
def hub(lived: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it."""
    shutil.copytree(lived, tmp_path / "lived")
    yield tmp_path / "lived"
    shutil.rmtree(tmp_path / "lived")


def test_beside_its_store_what_ended_since_ends_again_and_what_came_is_taken_over(
    hub: Path,
) -> None:
    place = Place(root=hub / "hub")
    with opened(place) as node:
        sent = {number: signed(node, number) for number in (GONE, ALONE, STAYS, LATE)}
        also = sign(node, Person(number=9), content_of(ALONE))
        objects = objects_of(node)
    with back(hub / "backup", beside(place)) as again:
        node, done = again.node, again.done
        assert again.findings == []
        assert done.has_survived
        assert done.filled.extended > 0
        assert (done.caught_up.ended, done.caught_up.adopted) == (2, 1)
        assert done.caught_up.brought_back == 0
        assert done.caught_up.unknown == 1, "bytes that nobody signed"
        admit_all(node)
        states = states_of(node)
        assert {number: states.get(one.statement_sha256) for number, one in sent.items()} == {
            GONE: None,
            ALONE: "admitted",
            STAYS: "admitted",
            LATE: "admitted",
        }
        assert states[also.statement_sha256] == "withdrawn"
        after = objects_of(node)
        assert {key: objects[key] for key in objects if key in after} == after, "the same receipts"
        others = [one for number, one in sent.items() if number != GONE]
        assert places_of(node, windows_of(sent[GONE], *others)) == []
        node.log.publish()
        head = (hub / "head.json").read_bytes(), (hub / "head.json.sig").read_bytes()
        old, new = parse_head(head[0]).size, node.log.newest_head().head.size
        node.log.consistency(old, new)
        assert node.log.root_of(old).hex() == parse_head(head[0]).root, "one story"
        assert found(node) == []


def test_into_an_empty_place_a_mirror_brings_leaves_and_tombstones_back(hub: Path) -> None:
    where = Where(
        root=hub / "again", key=hub / "hub" / "keys" / "hub", mirror=hub / "hub" / "objects"
    )
    with back(hub / "backup", where) as again:
        assert again.findings == []
        assert again.done.filled.extended > 0
        gone = signed(again.node, GONE)
        assert gone.statement_sha256 not in states_of(again.node)
        assert not any(gone.sha256 in key for key in objects_of(again.node) if "tomb" not in key)


def test_the_feed_ends_what_it_tells_of_beside_a_mirror_of_the_log_alone(hub: Path) -> None:
    shutil.copytree(hub / "hub" / "objects" / "log", hub / "mirror" / "log")
    told = read_pages([hub / "page.json"], check(hub / "backup").manifest)
    key = hub / "hub" / "keys" / "hub"
    where = Where(root=hub / "again", key=key, mirror=hub / "mirror", told=told)
    with back(hub / "backup", where) as again:
        assert again.findings == []
        assert signed(again.node, GONE).statement_sha256 not in states_of(again.node)


def test_a_log_that_would_fork_is_refused_and_nothing_is_written(hub: Path) -> None:
    key = hub / "hub" / "keys" / "hub"
    head = (hub / "head.json").read_bytes(), (hub / "head.json.sig").read_bytes()
    told = read_pages([hub / "page.json"], check(hub / "backup").manifest)
    for where in (
        Where(root=hub / "again", key=key, heads=[head]),
        Where(root=hub / "again", key=key, told=told),
    ):
        with pytest.raises(RefusedError, match="leaves of its log"):
            restore_to(hub / "backup", where)
        assert not (hub / "again").exists()
    where = Where(root=hub / "again", key=key, heads=[head], mirror=hub / "hub" / "objects")
    with back(hub / "backup", where) as again:
        assert again.findings == []


def test_a_log_that_was_made_anew_is_refused(hub: Path) -> None:
    place = Place(root=hub / "other")
    place.root.mkdir()
    shutil.copytree(hub / "hub" / "keys", place.root / "keys")
    with opened(place) as node:
        for number in range(20, 26):
            admitted(node, signed(node, number))
        node.log.publish()
    with pytest.raises(RefusedError, match="two stories"):
        restore_to(hub / "backup", beside(place))
    assert not list(place.root.glob("hub.sqlite*"))


def test_a_store_that_went_back_is_refused(hub: Path) -> None:
    place = Place(root=hub / "hub")
    with opened(place) as node:
        withdraw(node, by_key(signed(node, STAYS)))
    objects = place.root / "objects"
    shutil.copytree(objects, hub / "earlier")
    save_from(place, hub / "later")
    where = beside(place)
    shutil.rmtree(objects)
    (hub / "earlier").rename(objects)
    with pytest.raises(RefusedError, match="it went back"):
        restore_to(hub / "later", where)
    assert not list(place.root.glob("hub.sqlite*"))


@pytest.mark.parametrize("top", ["signoffs", "blobs", "receipts"])
def test_what_a_store_lost_comes_back_and_what_was_taken_back_does_not(top: str, hub: Path) -> None:
    place = Place(root=hub / "hub")
    with opened(place) as node:
        sent = {number: signed(node, number) for number in (GONE, ALONE, STAYS)}
    where = beside(place)
    shutil.rmtree(place.root / "objects" / top)
    with back(hub / "backup", where) as again:
        states = states_of(again.node)
        assert (again.done.caught_up.brought_back > 0) == (top != "receipts")
        assert sent[GONE].statement_sha256 not in states
        for number in (ALONE, STAYS):
            assert states[sent[number].statement_sha256] == "admitted"
        mine = [one for one in again.findings if sent[STAYS].sha256 in one]
        assert mine == [], "bytes, statement and receipt are there again"
        assert not any(sent[GONE].sha256 in one for one in again.findings)


def test_a_tombstone_of_a_stranger_ends_nothing(hub: Path) -> None:
    place = Place(root=hub / "hub")
    with opened(place) as node:
        stays = signed(node, STAYS)
        forged = by_key(stays, Person(number=66))
    where = beside(place)
    for root in (place.root / "objects", hub / "mirror"):
        path = root / "tombstones" / stays.sha256[:2] / f"{stays.sha256}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(forged)
    shutil.copytree(place.root / "objects" / "log", hub / "mirror" / "log")
    with back(hub / "backup", replace(where, mirror=hub / "mirror")) as again:
        assert states_of(again.node)[stays.statement_sha256] == "admitted"
        assert [one for one in again.findings if "tombstone" not in one] == []
    key = place.root / "keys" / "hub"
    with back(
        hub / "backup", Where(root=hub / "again", key=key, mirror=hub / "mirror")
    ) as elsewhere:
        assert states_of(elsewhere.node)[stays.statement_sha256] == "admitted"
        assert elsewhere.findings == []


def test_a_data_set_that_holds_what_has_ended_does_not_come_back(tmp_path: Path) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        people = share(node, range(PEOPLE))
        built(node)
        old = manifest_of(node)
    save_from(place, tmp_path / "backup")
    with opened(place) as node:
        withdraw(node, by_key(people[4]))
        (tmp_path / "page").write_bytes(encode_signed_page(feed(node, 0)))
        node.log.publish()
    shutil.copytree(place.root / "objects" / "log", tmp_path / "mirror" / "log")
    told = read_pages([tmp_path / "page"], check(tmp_path / "backup").manifest)
    key = place.root / "keys" / "hub"
    where = Where(root=tmp_path / "again", key=key, mirror=tmp_path / "mirror", told=told)
    needles = windows_of(people[4], *(one for number, one in people.items() if number != 4))
    with back(tmp_path / "backup", where) as again:
        assert again.findings == []
        assert places_of(again.node, needles) == []
        assert objects_below(again.node, "datasets/made/1") == []
        (ended,) = parse_page(feed(again.node, 0).content.encode()).datasets
        assert (ended.version, ended.manifest_sha256) == (1, digest_of(old)), "the feed tells it"
    with back(tmp_path / "backup", Where(root=tmp_path / "whole", key=key)) as whole:
        assert whole.findings == []
        assert manifest_of(whole.node) == old, "one of which nothing has ended does"


def test_a_data_set_that_was_built_since_is_erased_and_its_number_not_given_again(
    tmp_path: Path,
) -> None:
    place = Place(root=tmp_path / "hub")
    with opened(place) as node:
        share(node, range(PEOPLE))
    save_from(place, tmp_path / "backup")
    with opened(place) as node:
        built(node)
        lost = manifest_of(node)
        node.log.publish()
    with back(tmp_path / "backup", beside(place)) as again:
        assert again.findings == []
        assert objects_below(again.node, "datasets") == []
        (ended,) = parse_page(feed(again.node, 0).content.encode()).datasets
        assert (ended.version, ended.manifest_sha256) == (1, digest_of(lost))
        plan = draw_plan(again.node, BUILDER, asked(), salt=words("another salt"))
        begin(again.node, BUILDER, plan.sha256)
        run_builds(again.node)
        assert manifest_of(again.node, version=2).version == 2


def test_only_an_empty_place_takes_a_hub(hub: Path) -> None:
    key = hub / "hub" / "keys" / "hub"
    before = files_of(hub / "hub")
    with pytest.raises(RefusedError, match="the database is not empty"):
        restore_to(hub / "backup", Where(root=hub / "hub"))
    assert files_of(hub / "hub") == before
    (hub / "again" / "objects" / "blobs").mkdir(parents=True)
    (hub / "again" / "objects" / "blobs" / "one").write_bytes(b"of somebody")
    with pytest.raises(RefusedError, match="neither empty"):
        restore_to(hub / "backup", Where(root=hub / "again", key=key))
    assert list(files_of(hub / "again")) == ["objects/blobs/one"]


def test_rows_alone_come_back_beside_a_store_and_nowhere_else(hub: Path) -> None:
    place = Place(root=hub / "hub")
    with opened(place) as node:
        states = states_of(node)
    save_from(place, hub / "rows alone", with_objects=False)
    assert not (hub / "rows alone" / "objects").exists()
    where = Where(root=hub / "again", key=hub / "hub" / "keys" / "hub")
    with pytest.raises(NotFoundError, match="the rows alone"):
        restore_to(hub / "rows alone", where)
    with back(hub / "rows alone", beside(place)) as again:
        assert again.findings == []
        assert states_of(again.node) == states


def test_without_its_key_or_with_another_no_hub_comes_back(hub: Path) -> None:
    with pytest.raises(NotFoundError, match="private key"):
        restore_to(hub / "backup", Where(root=hub / "again"))
    with opened(Place(root=hub / "other")):
        pass
    other = hub / "other" / "keys" / "hub"
    with pytest.raises(RefusedError, match="not that of the hub"):
        restore_to(hub / "backup", Where(root=hub / "again", key=other))
    assert not (hub / "again").exists()


def test_settings_of_another_address_are_refused(hub: Path) -> None:
    (hub / "again").mkdir()
    (hub / "again" / "hub.toml").write_text('address = "https://other.example"\n')
    key = hub / "hub" / "keys" / "hub"
    with pytest.raises(RefusedError, match="another address"):
        restore_to(hub / "backup", Where(root=hub / "again", key=key))
    assert list(files_of(hub / "again")) == ["hub.toml"]


def test_a_page_of_another_hub_is_none(hub: Path) -> None:
    with opened(Place(root=hub / "other")) as node:
        (hub / "page").write_bytes(encode_signed_page(feed(node, 0)))
    with pytest.raises(NotSignedError, match="no page of the hub"):
        read_pages([hub / "page"], check(hub / "backup").manifest)
