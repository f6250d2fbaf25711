"""Verify: whatever is changed in a data set is named."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.datasets import (
    AUDIENCE,
    DAY,
    Person,
    authority_of,
    content_of,
    put_in_store,
)
from tests.support.datasets_built import built, files_of, plan_of

from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_collector.own_files.home import resolve_home
from signoff_datasets.building.signing import is_own_builder, sign_manifest
from signoff_datasets.verifying.findings import Finding, exit_code
from signoff_datasets.verifying.verifying import verify
from signoff_schemas.dataset import DatasetPlan, Manifest, canonical, parse_manifest
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError
from signoff_schemas.statement import ProhibitedUse, Purpose, parse_time

PEOPLE = [Person(number=number) for number in range(6)]
SEED = 20261125


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, DatasetPlan]]:
    """Build a data set of six episodes in two shards, once."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_HOME", str(folder / "home"))
        store = folder / "store"
        for number, person in enumerate(PEOPLE):
            content = content_of(number)
            put_in_store(store, content, person.sign(content))
        plan = plan_of(store, PEOPLE, is_own=True, shard_bytes=3000)
        assert len(plan.shards) > 1
        yield built(plan, store, PEOPLE, folder / "out", is_own=True), plan


@pytest.fixture(autouse=True)
def _builders_home(made: tuple[Path, DatasetPlan], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_HOME", str(made[0].parent / "home"))


@pytest.fixture
def copy(made: tuple[Path, DatasetPlan], tmp_path: Path) -> Path:
    shutil.copytree(made[0], tmp_path / "copy")
    return tmp_path / "copy"


def found_in(
    folder: Path, plan: DatasetPlan | None = None, *, people: list[Person] = PEOPLE, day: str = DAY
) -> list[Finding]:
    home = resolve_home()
    return verify(
        folder,
        authority=authority_of(people, day, is_own=True),
        is_builder=lambda key, _: is_own_builder(home, key),
        day=parse_time(day),
        plan=plan,
        tell=lambda _done, _all: None,
    ).findings


def code_of(folder: Path, plan: DatasetPlan | None = None) -> int:
    try:
        return exit_code(found_in(folder, plan))
    except SignoffError as error:
        return error.exit_code


def test_what_was_built_is_proven(made: tuple[Path, DatasetPlan]) -> None:
    assert found_in(*made) == []


def test_every_single_change_to_any_file_is_named(
    made: tuple[Path, DatasetPlan], copy: Path
) -> None:
    drawn = random.Random(SEED)  # noqa: S311
    for path, content in files_of(made[0]).items():
        place = copy / path
        flips = {0, len(content) // 2, len(content) - 1}
        flips |= {drawn.randrange(len(content)) for _ in range(5)}
        changes = [_flipped(content, at, drawn.randrange(1, 256)) for at in sorted(flips)]
        changes += [content[:-1], content[1:], b"", content + b"\n", content + content]
        for changed in changes:
            place.write_bytes(changed)
            assert code_of(copy) in {11, 12}, path
        place.unlink()
        assert code_of(copy) in {10, 11, 12}, path
        place.symlink_to(made[0] / path)
        assert code_of(copy) in {11, 12}, path
        place.unlink()
        place.write_bytes(content)
    assert code_of(copy) == 0


def _flipped(content: bytes, at: int, bits: int) -> bytes:
    return content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]


def test_every_file_that_is_added_is_named(copy: Path) -> None:
    folders = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for folder in folders:
        for name in ("x", "train-00009.parquet", ".hidden", "\udcff\n"):
            (folder / name).write_bytes(b"x")
            (finding,) = found_in(copy)
            assert (finding.weight, finding.what) == ("damaged", "the manifest does not name it")
            (folder / name).unlink()
        (folder / "deeper").mkdir()
        assert code_of(copy) == 11
        (folder / "deeper").rmdir()
    assert code_of(copy) == 0


def test_two_files_of_one_kind_swapped_are_named(copy: Path) -> None:
    drawn = random.Random(SEED)  # noqa: S311
    paths = sorted(files_of(copy))
    for _ in range(20):
        one, other = drawn.sample(paths, 2)
        if (copy / one).read_bytes() == (copy / other).read_bytes():
            continue
        _swap(copy / one, copy / other)
        assert code_of(copy) in {11, 12}, (one, other)
        _swap(copy / one, copy / other)


def _swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def resigned(folder: Path, change: Callable[[Manifest], Manifest]) -> None:
    """Change the manifest as its own builder could."""
    manifest = change(parse_manifest((folder / "manifest.json").read_bytes()))
    content = canonical(manifest)
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.json.sig").write_bytes(sign_manifest(resolve_home(), content))


def _relabel(**fields: object) -> Callable[[Manifest], Manifest]:
    def change(manifest: Manifest) -> Manifest:
        first = manifest.episodes[0].model_copy(update=fields)
        return manifest.model_copy(update={"episodes": (first, *manifest.episodes[1:])})

    return change


def _request(**fields: object) -> Callable[[Manifest], Manifest]:
    return lambda one: one.model_copy(update={"request": one.request.model_copy(update=fields)})


def _file(**fields: object) -> Callable[[Manifest], Manifest]:
    return lambda one: one.model_copy(
        update={"files": (one.files[0].model_copy(update=fields), *one.files[1:])}
    )


BUILDERS_LIES: dict[str, Callable[[Manifest], Manifest]] = {
    "licence": _relabel(licence="0BSD"),
    "repository licence": _relabel(repository_licence="0BSD"),
    "expiry": _relabel(expires="2099-01-01T00:00:00Z"),
    "shard": _relabel(shard="train-00001"),
    "episode": _relabel(sha256="0" * 64),
    "purpose": _request(purpose=Purpose.TEACHING),
    "k": _request(k=11),
    "purposes": lambda one: one.model_copy(update={"purposes": tuple(Purpose)}),
    "prohibited": lambda one: one.model_copy(
        update={"prohibited_uses": (ProhibitedUse.PROFILING,)}
    ),
    "episode dropped": lambda one: one.model_copy(update={"episodes": one.episodes[1:]}),
    "file dropped": lambda one: one.model_copy(update={"files": one.files[1:]}),
    "rows": _file(rows=5),
    "table": _file(table="tests"),
    "file's shard": _file(shard="train-00001"),
}


@pytest.mark.parametrize("lie", BUILDERS_LIES)
def test_what_the_builder_signs_against_the_sign_offs_is_named(
    lie: str, made: tuple[Path, DatasetPlan], copy: Path
) -> None:
    change = BUILDERS_LIES[lie]
    if lie == "shard":
        other = parse_manifest((copy / "manifest.json").read_bytes()).episodes
        moved = "train-00001" if other[0].shard == "train-00000" else "train-00000"
        change = _relabel(shard=moved)
    resigned(copy, change)
    findings = found_in(copy)
    assert findings
    assert exit_code(findings) in {3, 11, 12}


def test_with_the_plan_other_counts_and_names_are_named(
    made: tuple[Path, DatasetPlan], copy: Path
) -> None:
    for fields in ({"left_out": {"expired": 3}}, {"name": "other"}, {"plan_sha256": "0" * 64}):
        resigned(copy, lambda one, fields=fields: one.model_copy(update=fields))
        assert code_of(copy, made[1]) == 3
        shutil.copy(made[0] / "manifest.json", copy)
        shutil.copy(made[0] / "manifest.json.sig", copy)
    assert code_of(copy, made[1]) == 0


def test_another_keys_signature_over_the_manifest_is_none(copy: Path) -> None:
    content = (copy / "manifest.json").read_bytes()
    stranger = Person(number=77).signature(content, DATASET)
    (copy / "manifest.json.sig").write_bytes(stranger)
    (finding,) = found_in(copy)
    assert (finding.weight, finding.where) == ("not-signed", "manifest.json.sig")
    (copy / "manifest.json.sig").write_bytes(Person(number=77).signature(content))
    assert code_of(copy) == 12


def test_who_is_not_on_the_list_signs_nothing(made: tuple[Path, DatasetPlan]) -> None:
    findings = found_in(made[0], people=PEOPLE[1:])
    digest = hashlib.sha256(content_of(0)).hexdigest()
    assert [(one.weight, one.where) for one in findings] == [("not-signed", digest)]
    assert AUDIENCE not in findings[0].what


def test_what_expired_since_is_no_longer_proven(made: tuple[Path, DatasetPlan]) -> None:
    findings = found_in(made[0], day="2028-01-01T00:00:00Z")
    assert len(findings) == 6
    assert exit_code(findings) == 3


def test_a_folder_without_a_manifest_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"manifest\.json"):
        found_in(tmp_path)
    (tmp_path / "manifest.json").write_bytes(b"{}")
    with pytest.raises(DamagedError):
        found_in(tmp_path)
