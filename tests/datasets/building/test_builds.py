"""A build: the same plan gives the same bytes, and what it says is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.datasets import Person, content_of, put, put_in_store, snapshot
from tests.support.datasets_built import built, files_of, plan_of

from signoff_schemas.dataset import digest_of, parse_manifest
from signoff_schemas.errors import RefusedError

PEOPLE = [Person(number=number) for number in range(12)]


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    place = tmp_path / "episodes"
    place.mkdir()
    for number, person in enumerate(PEOPLE * 2):
        content = content_of(number)
        put(place, f"e{number}", content, person.sign(content))
    return place


def test_a_data_set_holds_tables_proofs_and_a_manifest(folder: Path, tmp_path: Path) -> None:
    plan = plan_of(folder, PEOPLE, k=10)
    out = built(plan, folder, PEOPLE, tmp_path / "out")
    manifest = parse_manifest((out / "manifest.json").read_bytes())
    assert manifest.plan_sha256 == digest_of(plan)
    assert len(manifest.episodes) == 24
    assert {file.path for file in manifest.files} == {
        f"{table}/train-00000.parquet" for table in ("episodes", "steps", "edits", "tests")
    }
    assert len(list((out / "proofs").rglob("*.json.sig"))) == 24
    assert not [path for path in out.parent.iterdir() if "building" in path.name]


def test_the_same_plan_gives_the_same_files_from_a_folder_and_from_a_store(
    folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    for number, person in enumerate(PEOPLE * 2):
        content = content_of(number)
        put_in_store(store, content, person.sign(content))
    plan = plan_of(folder, PEOPLE, k=10)
    first = built(plan, folder, PEOPLE, tmp_path / "first")
    second = built(plan, store, PEOPLE, tmp_path / "second")
    assert files_of(first) == files_of(second)


def test_a_plan_that_was_edited_is_not_built(folder: Path, tmp_path: Path) -> None:
    plan = plan_of(folder, PEOPLE, k=10)
    small = plan.model_copy(update={"request": plan.request.model_copy(update={"k": 1})})
    with pytest.raises(RefusedError, match="k is 1"):
        built(small, folder, PEOPLE, tmp_path / "out")
    one = plan.episodes[0].model_copy(update={"licence": "0BSD"})
    relabelled = plan.model_copy(update={"episodes": (one, *plan.episodes[1:])})
    with pytest.raises(RefusedError, match="1 of 24"):
        built(relabelled, folder, PEOPLE, tmp_path / "out")
    older = plan.model_copy(update={"versions": {**plan.versions, "pyarrow": "1.0"}})
    with pytest.raises(RefusedError, match="pyarrow"):
        built(older, folder, PEOPLE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_episode_that_is_gone_or_expired_since_stops_the_build(
    folder: Path, tmp_path: Path
) -> None:
    plan = plan_of(folder, PEOPLE, k=10)
    with pytest.raises(RefusedError, match="24 of 24") as error:
        built(plan, folder, PEOPLE, tmp_path / "out", day="2028-01-01T00:00:00Z")
    assert all("expired" in line for line in error.value.details)
    (folder / "e0.episode").unlink()
    with pytest.raises(RefusedError) as error:
        built(plan, folder, PEOPLE, tmp_path / "out")
    assert error.value.details == (f"{snapshot(content_of(0)).sha256}: not there",)
