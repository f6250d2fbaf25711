"""An export of a data set holds what that may hold now, and refreshed it equals a new one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.datasets_built import files_of
from tests.support.datasets_refreshed import OwnSet, own_set, texts_of, windows_of
from tests.support.deadline import deadline
from tests.support.forked import ends_by_itself
from tests.support.killed import die_before
from tests.support.small_disk import fill, mounted_small_disk

from signoff_datasets.exporting.exporting import Exporting
from signoff_datasets.exports.formats import FOLDERS, FORMATS, load_format
from signoff_datasets.exports.interface import File, Format, Source
from signoff_datasets.sources.opening import address_of, open_source
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.dataset import canonical
from signoff_schemas.dataset_export import DatasetExport, parse_export
from signoff_schemas.errors import DamagedError, DiskFullError, RefusedError

pytestmark = pytest.mark.slow
FORMS = sorted(FORMATS.keys() - FOLDERS)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> OwnSet:
    return own_set(tmp_path_factory.mktemp("made") / "root", episodes=4, shards=2)


@pytest.fixture
def made(template: OwnSet, tmp_path: Path) -> OwnSet:
    return copied(template, tmp_path / "root")


def copied(made: OwnSet, root: Path) -> OwnSet:
    shutil.copytree(made.root, root)
    return made.at(root)


def export(
    made: OwnSet,
    folder: str,
    out: Path,
    *,
    form: str | Format = "chat",
    is_refresh: bool = False,
) -> DatasetExport:
    with closing(open_source(address_of(str(made.store)))) as source:
        exporting = Exporting(
            folder=made.root / folder,
            manifest=read_manifest(made.root / folder)[0],
            source=source,
            authority=made.authority(),
            form=load_format(form) if isinstance(form, str) else form,
            day=made.day,
            tell=lambda _done, _all: None,
        )
        return exporting.refresh(out) if is_refresh else exporting.into(out)


def records_of(path: Path) -> list[str]:
    """Return the records of a file: lines, the whole of it, or of a shard those with an action."""
    if path.suffix != ".tar":
        text = path.read_text()
        return text.splitlines() if path.suffix == ".jsonl" else [text]
    with tarfile.open(path) as shard:
        members = [one for one in shard if one.name.endswith(".json")]
        texts = [file.read().decode() for one in members if (file := shard.extractfile(one))]
    return [text for text in texts if json.loads(text)["action"] is not None]


@pytest.mark.parametrize("form", FORMS)
def test_each_episode_is_a_file_with_its_statement_in_every_record(
    made: OwnSet, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out, form=form)
    manifest, content = read_manifest(made.root / "first")
    assert parse_export((out / "export.json").read_bytes()) == told
    assert sorted(files_of(out)) == ["export.json", *(file.path for file in told.files)]
    assert {file.episode for file in told.files} == made.contents.keys()
    statements = {one.sha256: one.statement.sha256 for one in manifest.episodes}
    for file in told.files:
        assert file.path == f"train/{file.episode}{load_format(form).ending}"
        lines = records_of(out / file.path)
        assert len(lines) == file.records
        assert lines or form == "next-edit"  # nobody types on in the sample
        assert all(file.episode in one and statements[file.episode] in one for one in lines)
        assert file.statement == statements[file.episode]
    assert subprocess.run(
        ["sha256sum"], input=content, capture_output=True, check=True, timeout=deadline()
    ).stdout.startswith(told.manifest_sha256.encode())


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_withdrawn_episode_is_in_an_export_that_was_refreshed(
    made: OwnSet, tmp_path: Path, form: str
) -> None:
    gone = min(made.contents)
    others = b"".join(texts_of(one) for digest, one in made.contents.items() if digest != gone)
    windows = [gone.encode(), *windows_of(texts_of(made.contents[gone]), others)]
    out = tmp_path / "out"
    export(made, "first", out, form=form)
    before = files_of(out)
    assert [one for one in windows if one in b"".join(before.values())]
    made.withdraw(gone)
    made.refresh(made.root / "first", made.root / "second")
    told = export(made, "second", out, form=form, is_refresh=True)
    after = files_of(tmp_path)
    kept = {path: content for path, content in after.items() if path.startswith("out/")}
    assert [one for one in windows if one in "".join(kept).encode() + b"".join(kept.values())] == []
    assert told.left_out == {}
    export(made, "second", tmp_path / "new", form=form)
    assert files_of(out) == files_of(tmp_path / "new")
    stayed = files_of(out).keys() - {"export.json"}
    assert {path: files_of(out)[path] for path in stayed} == {path: before[path] for path in stayed}


def test_what_stays_keeps_its_very_file(made: OwnSet, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out)
    nodes = {file.path: (out / file.path).stat().st_ino for file in told.files}
    made.withdraw(min(made.contents))
    made.refresh(made.root / "first", made.root / "second")
    again = export(made, "second", out, is_refresh=True)
    assert len(again.files) == 3
    for file in again.files:
        assert (out / file.path).stat().st_ino == nodes[file.path]


def test_what_was_withdrawn_since_is_left_out_with_its_reason(made: OwnSet, tmp_path: Path) -> None:
    gone, lost, *others = sorted(made.contents)
    export(made, "first", tmp_path / "out")
    made.withdraw(gone)
    (made.store / "blobs" / lost[:2] / lost).unlink()
    told = export(made, "first", tmp_path / "new")
    assert told.left_out == {"unreadable": (lost,), "withdrawn": (gone,)}
    assert {file.episode for file in told.files} == set(others)
    assert export(made, "first", tmp_path / "out", is_refresh=True) == told
    assert files_of(tmp_path / "out") == files_of(tmp_path / "new")
    shutil.rmtree(made.store / "signoffs" / lost[:2] / lost)
    again = export(made, "first", tmp_path / "out", is_refresh=True)
    assert again.left_out == {"not-there": (lost,), "withdrawn": (gone,)}


def test_what_expired_since_leaves_an_export_of_the_same_version(
    made: OwnSet, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export(made, "first", out)
    made.day += timedelta(days=400)
    told = export(made, "first", out, is_refresh=True)
    assert told.left_out == {"expired": tuple(sorted(made.contents))}
    assert sorted(files_of(tmp_path / "out")) == ["export.json"]


def test_one_that_a_form_cannot_be_made_of_spoils_itself_alone(
    made: OwnSet, tmp_path: Path
) -> None:
    bad = min(made.contents)
    form = load_format("chat")

    def write(source: Source) -> Iterator[File]:
        if source.sha256 == bad:
            raise DamagedError("an edit does not fit its text")
        return form.write(source)

    told = export(made, "first", tmp_path / "out", form=replace(form, write=write))
    assert told.left_out == {"unreadable": (bad,)}
    assert len(told.files) == len(made.contents) - 1


def test_a_shard_of_no_split_is_refused_before_anything_is_written(
    made: OwnSet, tmp_path: Path
) -> None:
    place = made.root / "first" / "manifest.json"
    place.write_bytes(place.read_bytes().replace(b'"shard":"train-', b'"shard":"../up-'))
    with pytest.raises(DamagedError, match="a shard of no split"):
        export(made, "first", tmp_path / "out")
    assert {one.name for one in tmp_path.iterdir()} == {"root", "home-of-test"}


def test_a_file_that_somebody_changed_is_written_again(made: OwnSet, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out)
    whole = files_of(out)
    for bad in (lambda path: path.write_bytes(b"{}\n"), Path.unlink):
        bad(out / told.files[0].path)
        export(made, "first", out, is_refresh=True)
        assert files_of(out) == whole


def test_half_written_files_go_and_what_is_of_others_stays(made: OwnSet, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out)
    stray = out / "train" / f"{'0' * 64}.jsonl"
    half = out / "train" / f".{Path(told.files[0].path).name}.12-0123abcd.new"
    notes = out / "train" / "notes \n\U0001f98a\U00010348\x1b[2J.txt"
    for path in (stray, half, notes, out / ".export.json.12-0123abcd.new"):
        path.write_text("x")
    export(made, "first", out, is_refresh=True)
    assert sorted(files_of(out)) == sorted(
        ["export.json", notes.relative_to(out).as_posix(), *(file.path for file in told.files)]
    )


def test_what_lies_there_is_never_written_over(made: OwnSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "empty", "link"):
        with pytest.raises(RefusedError, match="something at") as caught:
            export(made, "first", tmp_path / name)
        assert "--refresh brings" in str(caught.value.hint)
        with pytest.raises(RefusedError, match="no export of a data set"):
            export(made, "first", tmp_path / name, is_refresh=True)
    with pytest.raises(RefusedError, match="no export of a data set"):
        export(made, "first", tmp_path / "missing", is_refresh=True)


def _other(told: DatasetExport, **changes: object) -> bytes:
    return canonical(told.model_copy(update=changes))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "openai"},
        {"name": "another"},
        {"version": 2, "manifest_sha256": "0" * 64},
        {"manifest_sha256": "0" * 64},
    ],
    ids=lambda one: next(iter(one)),
)
def test_an_export_of_something_else_is_left_alone(
    made: OwnSet, tmp_path: Path, change: dict[str, object]
) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out)
    (out / "export.json").write_bytes(_other(told, **change))
    before = files_of(out)
    with pytest.raises(RefusedError, match="is an export of version"):
        export(made, "first", out, is_refresh=True)
    assert files_of(out) == before


def test_an_earlier_version_is_one_that_the_manifest_names_and_held_all_of_it(
    made: OwnSet, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told = export(made, "first", out)
    made.withdraw(min(made.contents))
    made.refresh(made.root / "first", made.root / "second")
    fewer = _other(told, files=told.files[:2])
    for bad in (_other(told, manifest_sha256="0" * 64), fewer):
        (out / "export.json").write_bytes(bad)
        with pytest.raises(RefusedError, match="is an export of version 1"):
            export(made, "second", out, is_refresh=True)
    (out / "export.json").write_bytes(canonical(told))
    made.withdraw(max(made.contents))
    made.refresh(made.root / "second", made.root / "third")
    assert len(export(made, "third", out, is_refresh=True).files) == 2  # two versions at once


def test_nothing_outside_is_erased_or_written(made: OwnSet, tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    told = export(made, "first", out)
    named = canonical(told).replace(told.files[0].path.encode(), b"train/../../outside/kept")
    outside.mkdir()
    (outside / f"{'0' * 64}.jsonl").write_text("kept")
    (out / "export.json").write_bytes(named)
    with pytest.raises(RefusedError, match="cannot be read"):
        export(made, "first", out, is_refresh=True)
    (out / "export.json").write_bytes(canonical(told))
    shutil.rmtree(out / "train")
    (out / "train").symlink_to(outside)
    with pytest.raises(RefusedError, match="is a link"):
        export(made, "first", out, is_refresh=True)
    assert files_of(outside) == {f"{'0' * 64}.jsonl": b"kept"}


def test_names_of_places_may_be_anything(made: OwnSet, tmp_path: Path) -> None:
    out = tmp_path / "\U0001f98a\U00010348 \n\x1b[2J"
    told = export(made, "first", out)
    assert export(made, "first", out, is_refresh=True) == told
    places = {one.name for one in tmp_path.iterdir()}
    assert places - {"root", "home-of-test"} == {out.name}


def test_without_room_nothing_is_left_of_a_new_export(made: OwnSet, tmp_path: Path) -> None:
    whole = export(made, "first", tmp_path / "whole")
    size = sum(file.size_bytes for file in whole.files)
    with mounted_small_disk(tmp_path / "disk", kib=2 * size // 1024 + 64) as disk:
        for part in (4, 2, 1.2):
            filler = fill(disk)
            os.truncate(filler, filler.stat().st_size - int(size / part))
            with pytest.raises(DiskFullError):
                export(made, "first", disk / "out")
            assert [one.name for one in disk.iterdir()] == ["filler"]
            filler.unlink()
        export(made, "first", disk / "out")
        assert files_of(disk / "out") == files_of(tmp_path / "whole")


def test_without_room_what_is_gone_is_erased_all_the_same(made: OwnSet, tmp_path: Path) -> None:
    gone, *others = sorted(made.contents)
    with mounted_small_disk(tmp_path / "disk", kib=1024) as disk:
        out = disk / "out"
        told = export(made, "first", out)
        for file in told.files:
            if file.episode in others[:2]:
                (out / file.path).unlink()  # more than the erased one makes room for
        filler = fill(disk)
        made.withdraw(gone)
        made.refresh(made.root / "first", made.root / "second")
        with pytest.raises(DiskFullError) as caught:
            export(made, "second", out, is_refresh=True)
        assert caught.value.hint == "Free some space, then export again."
        assert not [path for path in files_of(out) if gone in path or ("export.json" not in path
                    and not path.startswith("train/"))]  # fmt: skip
        filler.unlink()
        export(made, "second", out, is_refresh=True)
        export(made, "second", tmp_path / "new")
        assert files_of(out) == files_of(tmp_path / "new")


@pytest.mark.parametrize("is_refresh", [False, True])
def test_killed_anywhere_the_same_call_ends_as_a_new_export(
    made: OwnSet, tmp_path: Path, is_refresh: bool
) -> None:
    """What is refreshed holds an episode that is gone and lacks a file of one that stays."""
    gone = min(made.contents)
    first = export(made, "first", tmp_path / "first")
    made.withdraw(gone)
    made.refresh(made.root / "first", made.root / "second")
    export(made, "second", tmp_path / "new")
    whole = {f"out/{path}": content for path, content in files_of(tmp_path / "new").items()}
    (tmp_path / "first" / next(one.path for one in first.files if one.episode != gone)).unlink()
    root = tmp_path / "killed"

    def call() -> None:
        export(made, "second", root / "out", is_refresh=is_refresh)

    number, is_whole = 0, False
    while not is_whole:
        number += 1
        root.mkdir()
        if is_refresh:
            shutil.copytree(tmp_path / "first", root / "out")
        is_whole = _runs_whole(number, root, call)
        if is_refresh or not (root / "out").exists():
            call()
        assert files_of(root) == whole, f"killed in front of change {number}"
        shutil.rmtree(root)
    assert number > (6 if is_refresh else 12)


def _runs_whole(number: int, root: Path, call: Callable[[], object]) -> bool:
    def runs() -> None:
        die_before(number, root)
        call()

    return ends_by_itself(runs)


@given(st.data())
def test_what_an_export_says_of_itself_is_read_in_its_one_form_alone(data: st.DataObject) -> None:
    told = {
        "type": "urn:signoff:dataset-export:v1",
        "format": "chat",
        "export_version": 1,
        "name": "made",
        "version": 1,
        "manifest_sha256": "0" * 64,
        "files": [],
        "left_out": {"withdrawn": ["1" * 64]},
    }
    content = json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert parse_export(content).left_out == {"withdrawn": ("1" * 64,)}
    for bad in (content + b" ", content.replace(b":", b": "), b"{}", b"\xff"):
        with pytest.raises(DamagedError):
            parse_export(bad)
    at = data.draw(st.integers(0, len(content) - 1))
    bad = content[:at] + data.draw(st.binary(max_size=4)) + content[at + 1 :]
    with suppress(DamagedError):
        assert canonical(parse_export(bad)) == bad
