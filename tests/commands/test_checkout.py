"""`signoff checkout` as a person calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.repository import WorkTree

from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.steps import FilesStep
from signoff_schemas.values import DiskFile

pytestmark = pytest.mark.slow


def _sample(folder: Path) -> Path:
    path = folder / "sample.episode"
    path.write_bytes(write_episode(sample_episode()))
    return path


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_buffers_or_the_disk_are_written(home: Path, tmp_path: Path) -> None:
    sample = _sample(tmp_path)
    said = signoff("checkout", sample, "--at", "7", tmp_path / "open")
    assert said.code == 0, said
    assert _files(tmp_path / "open") == {"src/app.py": f"a = 1  # {ASTRAL}\nb = 2\n"}
    said = signoff("checkout", sample, "--at", "7", tmp_path / "disk", "--disk", "--json")
    assert json.loads(said.out)["files"] == 1
    assert _files(tmp_path / "disk") == {"src/app.py": f"a = 1  # {ASTRAL}\n"}
    assert not home.exists()


def test_the_whole_tree_is_rebuilt_on_a_declared_base(home: Path, tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("attributes", ".gitattributes", "*.txt filter=evil\n")
    tree.git("config", "filter.evil.smudge", f"touch {tmp_path / 'canary'}")
    tree.commit("first", "other/kept.txt", f"kept {ASTRAL}\n")
    base = tree.commit("base", "notes.txt", "gone later\n")
    sample = _sample(tmp_path)
    out = tmp_path / "out"
    said = signoff("checkout", sample, "--at", "step:17", out, "--repo", tree.root, "--base", base)
    assert said.code == 0, said
    assert _file_names(out) == {
        ".gitattributes",
        "other/kept.txt",
        "src/app.py",
        "moved.txt",
        "new.bin",
    }
    assert not (tmp_path / "canary").exists()
    assert not home.exists()


def _file_names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_base_that_is_not_there_or_half_named_is_an_error(home: Path, tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "repo")
    tree.commit("first")
    sample, out = _sample(tmp_path), tmp_path / "out"
    call = ("checkout", sample, "--at", "end", out)
    assert signoff(*call, "--repo", tree.root).code == 2
    assert signoff(*call, "--repo", tree.root, "--base", "--all").code == 2
    missing = signoff(*call, "--repo", tree.root, "--base", "nope")
    assert missing.code in {1, 10}, missing
    assert "Traceback" not in missing.err
    assert not out.exists()
    assert not home.exists()


def test_every_file_that_is_not_found_is_named_on_a_line_of_its_own(
    home: Path, tmp_path: Path
) -> None:
    tree = WorkTree.create(tmp_path / "repo")
    base = tree.commit("first")
    episode = sample_episode()
    names = ("gone.bin", "with\nbreak.bin")
    gone = [DiskFile(path=name, sha256="0" * 64, without_content=True) for name in names]
    step = FilesStep(seq=12, t_ns=episode.steps[5].t_ns, source="files", changed=tuple(gone))
    steps = tuple(step if s.seq == 12 else s for s in episode.steps)
    path = tmp_path / "gone.episode"
    path.write_bytes(write_episode(replace(episode, steps=steps)))
    call = ("checkout", path, "--at", "step:12", tmp_path / "out", "--repo", tree.root)
    said = signoff(*call, "--base", base)
    assert said.code == 3, said
    assert (
        "error: 2 files of that moment were not found\n  gone.bin\n  with␊break.bin\n" in said.err
    )
    assert not home.exists()


def test_a_path_that_means_harm_is_refused(home: Path, tmp_path: Path) -> None:
    for number, evil in enumerate(("../evil", ".git/hooks/post-checkout", "/evil")):
        episode = sample_episode()
        item = DiskFile(path=evil, sha256="0" * 64, blob=1)
        step = FilesStep(seq=12, t_ns=episode.steps[5].t_ns, source="files", changed=(item,))
        steps = tuple(step if s.seq == 12 else s for s in episode.steps)
        path = tmp_path / f"{number}.episode"
        path.write_bytes(write_episode(replace(episode, steps=steps)))
        said = signoff("checkout", path, "--at", "step:12", tmp_path / "out")
        assert said.code == 13, said
        assert not (tmp_path / "out").exists()
    assert not home.exists()


def test_a_full_folder_or_a_moment_outside_is_a_usage_error(home: Path, tmp_path: Path) -> None:
    sample = _sample(tmp_path)
    assert signoff("checkout", sample, "--at", "end", tmp_path).code == 2
    assert signoff("checkout", sample, "--at", "8", tmp_path / "out").code == 2
    assert not home.exists()
