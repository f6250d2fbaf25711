"""The words of the last commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from signoff_collector.capture.git.git import Git
from signoff_collector.seal.gathering.vocabulary import MAX_FILE_BYTES, read_vocabulary


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def test_words_that_stand_twice_in_head_are_known_and_secret_files_are_not_read(
    tmp_path: Path,
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.py").write_text("zorbulator = 1  # 😀🚀\nuse(zorbulator, onlyoncehere)\n")
    (root / ".env").write_text("A=quxomatic\nB=quxomatic\n")
    (root / "large.txt").write_text("hugomatic " * (MAX_FILE_BYTES // 8))
    (root / "binary").write_bytes(b"binomatic\0binomatic")
    git(root, "add", "-f", ".")
    git(root, "commit", "-q", "-m", "first")
    (root / "a.py").write_text("laterword laterword\n")
    assert read_vocabulary(Git(root), root).split() == ["zorbulator"]


def test_without_a_repository_or_a_commit_there_are_none(tmp_path: Path) -> None:
    assert read_vocabulary(None, tmp_path) == ""
    git(tmp_path, "init", "-q")
    assert read_vocabulary(Git(tmp_path), tmp_path) == ""
