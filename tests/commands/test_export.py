"""`signoff export` as a person calls it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands.test_screens_mask import journal, leaks
from tests.support.cli import Said, signoff
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.history import ended_session, live_session, masked_session
from tests.support.imports import SAMPLES, imported
from tests.support.repository import WorkTree
from tests.support.sign_off import signed_episode
from tests.support.small_disk import fill, mounted_small_disk
from tests.support.stated_task import StatedTask

from signoff_collector.consent.sign_off_files import read_sign_off, write_sign_off
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.own_files.home import Home
from signoff_datasets.exports.formats import FORMATS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def masked_sample(folder: Path) -> Path:
    """Write an episode that says it was masked, so that nothing is searched here."""
    episode = sample_episode()
    versions = {**episode.header.versions, MARK: "test"}
    path = folder / "sample.episode"
    header = episode.header.model_copy(update={"versions": versions})
    path.write_bytes(write_episode(replace(episode, header=header)))
    return path


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_written_and_says_which_episode_it_is(
    home: Path, tmp_path: Path, name: str
) -> None:
    sample, out = masked_sample(tmp_path), tmp_path / f"out {ASTRAL}"
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("first")
    more = ("--repo", tree.root) if name == "swebench" else ()
    said = signoff("export", sample, "--format", name, "-o", out, "--json", *more)
    row = json.loads(said.out)
    assert said.code == (0 if row["records"] else 3), said
    assert (row["format"], row["statement_sha256"]) == (name, None)
    assert Path(row["output"]) == out
    written = [out] if out.is_file() else [one for one in out.rglob("*") if one.is_file()]
    assert row["size_bytes"] == sum(one.stat().st_size for one in written)
    assert {one.stat().st_mode & 0o077 for one in written} == {0}
    assert (
        row["records"] == 0
        or name == "parquet"  # compressed
        or any(row["episode_sha256"].encode() in one.read_bytes() for one in written)
    )


def test_nothing_is_written_over_unless_told_to(home: Path, tmp_path: Path) -> None:
    sample, out = masked_sample(tmp_path), tmp_path / "mine.json"
    out.write_text("kept")
    call = ("export", sample, "--format", "atif", "-o", out)
    assert signoff(*call).code == 13
    assert out.read_text() == "kept"
    assert signoff(*call, "--force").code == 0
    assert json.loads(out.read_text())["schema_version"] == "ATIF-v1.7"
    assert [one.name for one in tmp_path.glob("*mine*")] == ["mine.json"]


def test_a_place_that_is_no_regular_file_is_refused_though_forced(
    home: Path, tmp_path: Path
) -> None:
    sample = masked_sample(tmp_path)
    (tmp_path / "link").symlink_to(sample)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "own").write_text("kept")
    for name in ("full", "link", "pipe"):
        out = tmp_path / name
        for form in ("atif", "frames", "frames-atif", "parquet"):
            said = signoff("export", sample, "--format", form, "-o", out, "--force")
            assert (said.code, "nothing was written" in said.err) == (13, True), (out, said)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["own"]
    out = tmp_path / "no" / "folder.json"
    assert signoff("export", sample, "--format", "atif", "-o", out).code == 2
    assert sample.read_bytes() == masked_sample(tmp_path).read_bytes()


def test_the_recording_that_is_read_is_never_written_over(home: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "own").mkdir()
    signed = signed_episode(home, tmp_path / "store")
    episode = Path(shutil.copy(signed, tmp_path / "own"))
    write_sign_off(episode, read_sign_off(signed))
    (tmp_path / "own" / "hard").hardlink_to(episode)
    files = {one: one.read_bytes() for one in (tmp_path / "own").iterdir()}
    assert len(files) == 4
    for out in (*files, tmp_path / "own" / ".." / "own" / episode.name):
        said = signoff("export", episode, "--format", "chat", "-o", out, "--force")
        assert (said.code, "what is read" in said.err) == (13, True), said
    assert {one: one.read_bytes() for one in (tmp_path / "own").iterdir()} == files


def test_nothing_is_written_in_signoffs_own_folder(home: Path, tmp_path: Path) -> None:
    sample = masked_sample(tmp_path)
    kept = home / "data" / "episodes" / f"{ASTRAL}.episode"
    kept.parent.mkdir(parents=True, mode=0o700)
    kept.write_text("kept")
    (tmp_path / "there").symlink_to(kept.parent)
    for out in (kept, kept.parent / "new", tmp_path / "there" / "new", home):
        for form in ("chat", "parquet"):
            said = signoff("export", sample, "--format", form, "-o", out, "--force")
            assert (said.code, "Signoff's own folder" in said.err) == (13, True), said
    assert kept.read_text() == "kept"
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("name", ["frames-atif", "parquet", "swebench"])
def test_a_folder_is_written_over_only_where_an_export_made_it(
    home: Path, tmp_path: Path, name: str
) -> None:
    sample, out = masked_sample(tmp_path), tmp_path / "out"
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("first")
    out.mkdir()
    call = ("export", sample, "--format", name, "-o", out, "--repo", tree.root)
    call = call if name == "swebench" else call[:6]
    assert signoff(*call).code == 13
    written = 3 if name == "swebench" else 0  # no task is stated
    assert signoff(*call, "--force").code == written  # nothing was in it
    assert signoff(*call).code == 13
    assert signoff(*call, "--force").code == written
    for told in ("{}", "[", '{"episode_sha256": 1}'):
        (out / "export.json").write_text(told)
        assert signoff(*call, "--force").code == 13
        assert (out / "export.json").read_text() == told


def test_wrong_calls_name_what_is_wrong(home: Path, tmp_path: Path) -> None:
    sample = masked_sample(tmp_path)
    out = ("-o", tmp_path / "out")
    assert signoff("export", sample, "--format", "nothing", *out).code == 2
    assert signoff("export", "--format", "atif", *out).code == 10
    assert "no task 7" in signoff("export", sample, "--format", "atif", "--task", "7", *out).err
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("first")
    said = signoff("export", sample, "--format", "atif", "--repo", tree.root, *out)
    assert (said.code, "--base REV" in said.err) == (2, True)
    assert signoff("export", sample, "--format", "atif", "--base", "HEAD", *out).code == 2
    assert "--repo DIR" in signoff("export", sample, "--format", "swebench", *out).err
    assert signoff("export", sample, "--format", "atif", "--run", "python3", *out).code == 2
    damaged = tmp_path / "damaged.episode"
    damaged.write_bytes(sample.read_bytes()[:-9])
    assert signoff("export", damaged, "--format", "atif", *out).code == 11
    assert not (tmp_path / "out").exists()


def test_the_files_of_a_repository_are_the_start(home: Path, tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "repo")
    base = tree.commit("base", "notes.txt", f"one {ASTRAL}\nhello\n")
    out = tmp_path / "out"
    call = ("export", masked_sample(tmp_path), "--format", "atif", "-o", out)
    assert signoff(*call, "--repo", tree.root, "--base", base).code == 0
    text = out.read_text()
    assert '"old_str": "one' in text  # it is known what the change of `notes.txt` replaced
    assert signoff(*call, "--force").code == 0
    assert '"old_str": "one' not in out.read_text()


@pytest.mark.parametrize("name", ["atif", "chat"])
def test_a_full_disk_leaves_nothing_and_what_was_there(
    home: Path, tmp_path: Path, name: str
) -> None:
    with mounted_small_disk(tmp_path / "small", kib=64) as small:
        out = small / "mine"
        out.write_text("kept")
        fill(small)
        call = ("export", masked_sample(tmp_path), "--format", name)
        said = signoff(*call, "-o", out, "--force")
        assert said.code == 1, said
        assert "no space left" in said.err
        assert signoff(*call, "-o", small / "other").code == 1
        assert out.read_text() == "kept"
        assert sorted(one.name for one in small.iterdir()) == ["filler", "mine"]


@pytest.mark.parametrize("place", ["live", "SESSION", "last"])
def test_nothing_of_a_secret_is_written(home: Path, tmp_path: Path, place: str) -> None:
    del home
    root = tmp_path / "project"
    told, values = journal(root)
    make = {"live": live_session, "SESSION": ended_session, "last": masked_session}[place]
    session = make(root, told)
    called = session.id if place == "SESSION" else place
    for name in sorted({*FORMATS} - {"swebench"}):  # it names a repository that holds them
        out = tmp_path / name
        said = signoff("export", called, "--format", name, "-o", out, cwd=root)
        assert said.code in {0, 3}, said  # 3: a format has nothing of it
        written = [out] if out.is_file() else [one for one in out.rglob("*") if one.is_file()]
        for one in written:
            shown = one.read_bytes().decode("utf-8", "replace")
            assert not leaks(Said(code=0, out=shown, err=said.err), values)
        if name in {"atif", "transcript"}:
            assert "REDACTED_" in written[0].read_text()


def test_a_signed_episode_is_named_with_its_statement(home: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    episode = signed_episode(home, tmp_path / "store")
    out = tmp_path / "out"
    assert signoff("export", episode, "--format", "atif", "-o", out).code == 0
    statement = read_sign_off(episode).statement
    extra = json.loads(out.read_text())["extra"]
    assert extra["statement_sha256"] == hashlib.sha256(statement).hexdigest()
    assert extra["licence"] == json.loads(statement)["predicate"]["licence"]
    other = masked_sample(tmp_path)
    write_sign_off(other, read_sign_off(episode))
    said = signoff("export", other, "--format", "atif", "-o", out, "--force")
    assert (said.code, "it is of another episode" in said.out) == (0, True), said
    assert "statement_sha256" not in out.read_text()


@pytest.mark.parametrize("why", ["signature", "withdrawn", "superseded"])
def test_a_sign_off_that_does_not_count_is_not_named(home: Path, tmp_path: Path, why: str) -> None:
    (tmp_path / "store").mkdir()
    episode = signed_episode(home, tmp_path / "store")
    told = read_sign_off(episode)
    record_id = json.loads(told.statement)["predicate"]["record_id"]
    if why == "signature":
        write_sign_off(episode, replace(told, signature=b"garbage"))
    elif why == "withdrawn":
        assert signoff("withdraw", episode, "--yes").code == 0
    else:
        later = json.loads(told.statement)
        later["predicate"] |= {"supersedes": record_id, "record_id": "f" * 32}
        place = Home(root=home).episodes / "later.signoff.json"
        place.write_text(json.dumps(later))
    out = tmp_path / "out"
    said = signoff("export", episode, "--format", "atif", "-o", out, "--json")
    assert said.code == 0, said
    because = json.loads(said.out)["unsigned_because"]
    assert because.startswith("its sign-off is void")
    assert because in said.err
    if why != "signature":
        assert why in because
    assert "statement_sha256" not in out.read_text()


def test_an_imported_episode_is_called_so(home: Path, tmp_path: Path) -> None:
    episode = imported("asciicast", SAMPLES["asciicast"][-1])
    header = episode.header.model_copy(update={"versions": {MARK: "test"}})
    path = tmp_path / "cast.episode"
    path.write_bytes(write_episode(replace(episode, header=header)))
    said = signoff("export", path, "--format", "transcript", "-o", tmp_path / "out", "--json")
    assert "imported from asciicast" in said.err
    assert json.loads(said.out)["imported"] == "asciicast"
    assert json.loads((tmp_path / "out").read_text())["imported"] == {"format": "asciicast"}


@pytest.mark.parametrize("name", ["atif", "swebench"])
def test_a_base_is_any_revision_of_the_repository(home: Path, tmp_path: Path, name: str) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    episode = task.episode()
    header = episode.header.model_copy(update={"versions": {MARK: "test"}})
    path = tmp_path / "task.episode"
    path.write_bytes(write_episode(replace(episode, header=header)))
    call = ("export", path, "--format", name, "--repo", task.tree.root, "-o", tmp_path / "out")
    said = signoff(*call, "--base", "HEAD")
    assert (said.code, "no id of a commit" in said.err) == (0, False), said
    for wrong in ("nowhere", "-v"):
        said = signoff(*call[:-1], tmp_path / "other", f"--base={wrong}")
        assert (said.code, "of that repository" in said.err) == (2, True), said


def test_what_is_no_instance_and_no_next_edit_is_said_with_the_reason(
    home: Path, tmp_path: Path
) -> None:
    task = StatedTask.begin(tmp_path / "gauge").all()
    episode = task.episode()
    header = episode.header.model_copy(update={"versions": {MARK: "test"}})
    path = tmp_path / "task.episode"
    path.write_bytes(write_episode(replace(episode, header=header)))
    call = ("export", path, "--format", "swebench", "--repo", task.tree.root)
    said = signoff(*call, "-o", tmp_path / "candidates")
    assert (said.code, "candidates without lists" in said.err) == (0, True), said
    other = WorkTree.create(tmp_path / "other")
    other.commit("first")
    said = signoff(*call[:-1], other.root, "-o", tmp_path / "none", "--json")
    assert said.code == 3, said
    assert "left out, base_unknown: task 0: the repository has no commit" in said.err
    assert json.loads(said.out)["records"] == 0
    said = signoff("export", path, "--format", "next-edit", "-o", tmp_path / "edits.jsonl")
    assert "no target are 1 no_history" in said.err
