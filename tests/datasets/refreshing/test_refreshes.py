"""A refresh is a build without what is gone; what is gone is nowhere, what stayed is untouched."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.support.datasets import DAY, Person, authority_of, content_of, put_in_store, words
from tests.support.datasets_built import built, files_of, plan_of
from tests.support.datasets_refreshed import (
    built_as,
    own_home,
    refreshed,
    texts_of,
    windows_of,
    withdraw,
)

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_datasets.building.signing import is_own_builder
from signoff_datasets.refreshing.refreshes import Refreshed
from signoff_datasets.verifying.verifying import verify
from signoff_schemas.dataset import DatasetPlan, parse_manifest
from signoff_schemas.dataset_notice import encode_notice, parse_notice
from signoff_schemas.errors import DamagedError, RefusedError
from signoff_schemas.statement import parse_time

pytestmark = pytest.mark.slow

PEOPLE = [Person(number=number) for number in range(48)]
CANARY = "\U0001f98a\U00010348 canary "


@dataclass(frozen=True, kw_only=True)
class Made:
    """A store, and a data set of it in shards of a dozen people and more."""

    root: Path
    store: Path
    plan: DatasetPlan
    data_set: Path
    contents: dict[str, bytes]
    sign_offs: dict[str, SignOff]
    authors: dict[str, Person]

    def withdraw(self, sha256: str) -> None:
        withdraw(self.store, self.contents[sha256], self.sign_offs[sha256], self.authors[sha256])

    def refresh(self, day: str = DAY) -> tuple[Refreshed, DatasetPlan]:
        found, plan = refreshed(
            self.data_set, self.plan, self.store, PEOPLE, self.root / "second", day=day
        )
        assert plan is not None
        return found, plan

    @property
    def by_shard(self) -> list[tuple[str, ...]]:
        return [shard.episodes for shard in self.plan.shards]


@pytest.fixture
def made(home: Path, tmp_path: Path, templates: Callable[[int], Made]) -> Made:
    return copied(templates(12), tmp_path)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Made]:
    """Return a function from people of a shard to a data set that tests copy."""

    @cache
    def template(people: int) -> Made:
        root = tmp_path_factory.mktemp("made")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SIGNOFF_HOME", str(root / "signoff-home"))
            return make(root, people=people)

    return template


def copied(template: Made, root: Path) -> Made:
    """Copy a data set, its store, and the home of its builder."""
    for name in ("store", "first", "signoff-home"):
        shutil.copytree(template.root / name, root / name)
    return replace(template, root=root, store=root / "store", data_set=root / "first")


def make(root: Path, *, people: int = 12) -> Made:
    """Make a data set whose shards hold so many people."""
    store = root / "store"
    contents: dict[str, bytes] = {}
    sign_offs: dict[str, SignOff] = {}
    authors: dict[str, Person] = {}
    for number, person in enumerate(PEOPLE):
        content = content_of(number, text=f"{CANARY}{words(number)} ")
        sign_off = person.sign(content, **_terms(number))
        digest = put_in_store(store, content, sign_off)
        contents[digest], sign_offs[digest], authors[digest] = content, sign_off, person
    size = min(map(len, contents.values()))
    plan = plan_of(store, PEOPLE, k=10, shard_bytes=(people - 1) * size + 1)
    return Made(
        root=root,
        store=store,
        plan=plan,
        data_set=built(plan, store, PEOPLE, root / "first"),
        contents=contents,
        sign_offs=sign_offs,
        authors=authors,
    )


def _terms(number: int) -> dict[str, object]:
    return {"expires": "2027-03-01T00:00:00Z"} if number == 5 else {}


def test_a_refresh_is_a_build_of_what_stays_byte_for_byte(made: Made) -> None:
    assert len(made.by_shard) >= 3
    made.withdraw(made.by_shard[1][0])
    found, plan = made.refresh()
    built_as(plan, made.store, PEOPLE, made.root / "third", found)
    assert files_of(made.root / "second") == files_of(made.root / "third")
    assert len(plan.episodes) == len(made.plan.episodes) - 1


def test_shards_that_lost_nothing_keep_their_bytes(made: Made) -> None:
    before = files_of(made.data_set)
    made.withdraw(made.by_shard[1][0])
    made.refresh()
    after = files_of(made.root / "second")
    touched = made.plan.shards[1].name
    kept = [path for path in before if path.endswith(".parquet") and touched not in path]
    assert len(kept) == 4 * (len(made.by_shard) - 1)
    assert {path: after[path] for path in kept} == {path: before[path] for path in kept}
    assert before[f"episodes/{touched}.parquet"] != after[f"episodes/{touched}.parquet"]


def test_nothing_of_a_withdrawn_episode_is_anywhere_afterwards(made: Made) -> None:
    gone = made.by_shard[1][0]
    others = b"".join(texts_of(each) for digest, each in made.contents.items() if digest != gone)
    windows = windows_of(texts_of(made.contents[gone]), others)
    before = _everything(made.root)
    assert len([window for window in windows if window in before]) > 20
    made.withdraw(gone)
    made.refresh()
    after = _everything(made.root)
    assert [window for window in windows if window in after] == []
    assert made.sign_offs[gone].statement not in after


def test_the_new_version_is_proven_and_names_the_one_before(made: Made) -> None:
    before = (made.data_set / "manifest.json").read_bytes()
    made.withdraw(made.by_shard[0][0])
    found, plan = made.refresh()
    manifest = found.manifest
    assert manifest is not None
    assert manifest.version == 2
    assert manifest.previous == hashlib.sha256(before).hexdigest()
    assert manifest.left_out["withdrawn"] == 1
    assert findings(made.root / "second", plan) == []


def test_only_a_signed_notice_is_left_of_the_old_version(made: Made) -> None:
    gone = made.by_shard[1][0]
    old = parse_manifest((made.data_set / "manifest.json").read_bytes())
    made.withdraw(gone)
    found, _ = made.refresh()
    assert sorted(files_of(made.data_set)) == ["NOTICE.json", "NOTICE.json.sig"]
    content = (made.data_set / "NOTICE.json").read_bytes()
    signed = verify_signature(content, (made.data_set / "NOTICE.json.sig").read_bytes(), DATASET)
    assert is_own_builder(own_home(), signed.public_key)
    notice = parse_notice(content)
    assert notice == found.notice
    assert (notice.episodes, notice.reasons) == ((gone,), {"withdrawn": 1})
    assert {one.path for one in notice.files} == {
        one.path for one in old.files if one.shard == made.plan.shards[1].name
    }
    people = [one.contributor for one in made.plan.episodes] + [one.contributor for one in PEOPLE]
    assert not [name for name in people if name.encode() in content]


def test_what_expired_leaves_in_the_same_way(made: Made) -> None:
    found, plan = made.refresh("2027-03-02T00:00:00Z")
    assert found.notice is not None
    assert found.notice.reasons == {"expired": 1}
    assert plan.request.as_of == "2027-03-02T00:00:00Z"
    assert findings(made.root / "second", plan, "2027-03-02T00:00:00Z") == []


def test_what_was_signed_anew_leaves_until_a_new_plan_takes_it(made: Made) -> None:
    old = made.by_shard[2][0]
    person = made.authors[old]
    content = content_of(1000)
    record = person.predicate(made.contents[old]).record_id
    put_in_store(made.store, content, person.sign(content, supersedes=record))
    found, _ = made.refresh()
    assert found.notice is not None
    assert (found.notice.episodes, found.notice.reasons) == ((old,), {"superseded": 1})


def test_where_nothing_is_gone_nothing_is_made(made: Made) -> None:
    before = files_of(made.root)
    found, plan = refreshed(made.data_set, made.plan, made.store, PEOPLE, made.root / "second")
    assert (found.manifest, found.notice, plan) == (None, None, None)
    assert files_of(made.root) == before


def test_an_episode_that_its_source_lost_stays(made: Made) -> None:
    lost = made.by_shard[0][0]
    (made.store / "blobs" / lost[:2] / lost).unlink()
    found, _ = refreshed(made.data_set, made.plan, made.store, PEOPLE, made.root / "second")
    assert found.manifest is None


def test_a_tombstone_of_a_stranger_takes_nothing_away(made: Made) -> None:
    mine = made.by_shard[0][0]
    stranger = Person(number=99)
    withdraw(made.store, made.contents[mine], made.sign_offs[mine], stranger)
    found, _ = refreshed(made.data_set, made.plan, made.store, PEOPLE, made.root / "second")
    assert found.manifest is None


def test_when_all_is_withdrawn_only_the_notice_is_left(made: Made) -> None:
    for digest in made.contents:
        made.withdraw(digest)
    found, plan = refreshed(made.data_set, made.plan, made.store, PEOPLE, made.root / "second")
    assert plan is None
    assert found.notice is not None
    assert found.notice.new_manifest_sha256 is None
    assert len(found.notice.episodes) == len(made.contents)
    assert sorted(files_of(made.data_set)) == ["NOTICE.json", "NOTICE.json.sig"]
    assert not (made.root / "second").exists()


def test_a_second_refresh_goes_on_from_the_first(made: Made) -> None:
    made.withdraw(made.by_shard[0][0])
    _, plan = made.refresh()
    made.withdraw(made.by_shard[2][0])
    found, last = refreshed(made.root / "second", plan, made.store, PEOPLE, made.root / "third")
    assert found.manifest is not None
    assert last is not None
    assert found.manifest.version == 3
    built_as(last, made.store, PEOPLE, made.root / "fourth", found)
    assert files_of(made.root / "third") == files_of(made.root / "fourth")


def test_a_shard_with_too_few_people_joins_the_one_beside_it(
    home: Path, tmp_path: Path, templates: Callable[[int], Made]
) -> None:
    made = copied(templates(10), tmp_path)
    made.withdraw(made.by_shard[1][0])
    before = files_of(made.data_set)
    found, plan = made.refresh()
    assert len(plan.shards) == len(made.plan.shards) - 1
    assert found.manifest is not None
    assert findings(tmp_path / "second", plan) == []
    built_as(plan, made.store, PEOPLE, tmp_path / "third", found)
    after = files_of(tmp_path / "second")
    assert after == files_of(tmp_path / "third")
    kept = [one for one in before if one.endswith(".parquet") and after.get(one) == before[one]]
    assert len(kept) == 4 * (len(made.plan.shards) - 2)


def test_a_changed_file_is_found_before_anything_is_made_or_erased(made: Made) -> None:
    made.withdraw(made.by_shard[1][0])
    file = made.data_set / "steps" / f"{made.plan.shards[0].name}.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(DamagedError, match="other bytes than the manifest names"):
        made.refresh()
    assert (made.data_set / "manifest.json").is_file()
    assert not (made.root / "second").exists()


def test_another_plan_or_an_earlier_day_is_refused(made: Made) -> None:
    made.withdraw(made.by_shard[1][0])
    with pytest.raises(RefusedError, match="before the day of the data set"):
        made.refresh("2026-12-31T00:00:00Z")
    other = made.plan.model_copy(update={"salt": "0" * 32})
    with pytest.raises(RefusedError, match="from another plan"):
        refreshed(made.data_set, other, made.store, PEOPLE, made.root / "second")


def test_a_notice_that_was_changed_cannot_be_read(made: Made) -> None:
    made.withdraw(made.by_shard[1][0])
    found, _ = made.refresh()
    assert found.notice is not None
    content = encode_notice(found.notice)
    for bad in (content + b" ", b"{}", b"\xff", content.replace(b'"name"', b'"names"')):
        with pytest.raises(DamagedError):
            parse_notice(bad)


def findings(folder: Path, plan: DatasetPlan, day: str = DAY) -> list[object]:
    found = verify(
        folder,
        authority=authority_of(PEOPLE, day),
        is_builder=lambda key, _: is_own_builder(own_home(), key),
        day=parse_time(day),
        plan=plan,
        tell=lambda _done, _all: None,
    )
    return list(found.findings)


def _everything(root: Path) -> bytes:
    """Return all bytes of a tree, and of the Parquet files in it what they hold."""
    found: list[bytes] = []
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        found.append(path.name.encode())
        found.append(path.read_bytes())
        if path.suffix == ".parquet":
            for column in pq.read_table(path).columns:
                found += [repr(value).encode("utf-8", "replace") for value in column.to_pylist()]
    return b"\n".join(found)
