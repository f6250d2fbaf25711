"""An episode of a data set is read only while its sign-off holds, for the data set's purpose."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.datasets import DAY, Person, authority_of, put, put_in_store, shared_episode
from tests.support.datasets_built import built, plan_of
from tests.support.labels import masked

from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.exporting.one_episode import readable_path
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError
from signoff_schemas.statement import Purpose, parse_time

pytestmark = pytest.mark.slow
PEOPLE = [Person(number=number) for number in range(2)]
CONTENTS = [write_episode(masked(shared_episode(number))) for number in range(2)]
DIGESTS = [hashlib.sha256(one).hexdigest() for one in CONTENTS]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "signed"
    place.mkdir()
    for person, content in zip(PEOPLE, CONTENTS, strict=True):
        put(place, f"e{person.number}", content, person.sign(content))
    return place


@pytest.fixture
def dataset(home: Path, folder: Path, tmp_path: Path) -> Path:
    plan = plan_of(folder, PEOPLE, is_own=True)
    return built(plan, folder, PEOPLE, tmp_path / "set", is_own=True)


def find(
    dataset: Path,
    source: Path | str,
    prefix: str,
    *,
    people: list[Person] = PEOPLE,
    day: str = DAY,
    void: str | None = None,
) -> tuple[Path, str]:
    authority = replace(authority_of(people, day, is_own=True), void_because=lambda _: void)
    return readable_path(
        dataset, read_manifest(dataset)[0], source=str(source), prefix=prefix,
        authority=authority, day=parse_time(day),
    )  # fmt: skip


def test_it_is_found_by_the_beginning_of_its_digest(dataset: Path, folder: Path) -> None:
    for number, digest in enumerate(DIGESTS):
        assert find(dataset, folder, digest[:12]) == (folder / f"e{number}.episode", digest)


def test_what_is_not_there_or_not_one_is_said(dataset: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such episode"):
        find(dataset, folder, "0" * 64)
    with pytest.raises(NotFoundError):
        find(dataset, folder, "")
    (folder / "e0.episode").unlink()
    with pytest.raises(NotFoundError, match="is not in"):
        find(dataset, folder, DIGESTS[0])
    with pytest.raises(NotFoundError):
        find(dataset, tmp_path / "nowhere", DIGESTS[1])
    with pytest.raises(UsageError, match="folder of episodes"):
        find(dataset, "s3://host/bucket", DIGESTS[1])


def test_a_store_is_no_place_for_labels(dataset: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    put_in_store(store, CONTENTS[0], PEOPLE[0].sign(CONTENTS[0]))
    with pytest.raises(UsageError, match="folder of episodes"):
        find(dataset, store, DIGESTS[0])


def test_what_was_withdrawn_expired_or_is_nobodys_is_refused(dataset: Path, folder: Path) -> None:
    with pytest.raises(RefusedError, match="withdrawn"):
        find(dataset, folder, DIGESTS[0], void="it was withdrawn")
    with pytest.raises(RefusedError, match="expired"):
        find(dataset, folder, DIGESTS[0], day="2028-01-01T00:00:00Z")
    with pytest.raises(RefusedError):
        find(dataset, folder, DIGESTS[0], people=PEOPLE[1:])
    assert find(dataset, folder, DIGESTS[1], people=PEOPLE[1:])


def test_a_sign_off_for_something_else_does_not_count(dataset: Path, folder: Path) -> None:
    other = PEOPLE[0].sign(CONTENTS[0], purposes=(Purpose.RESEARCH,))
    put(folder, "e0", CONTENTS[0], other)
    with pytest.raises(RefusedError):
        find(dataset, folder, DIGESTS[0])


def test_a_changed_episode_is_not_the_one_of_the_data_set(dataset: Path, folder: Path) -> None:
    (folder / "e0.episode").write_bytes(CONTENTS[0] + b"x")
    with pytest.raises(NotFoundError):
        find(dataset, folder, DIGESTS[0])
