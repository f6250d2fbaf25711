"""A file that became ignored after it was recorded is in no episode and no raw history."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_episode, random_secret, windows
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.capture.journal.forgotten import exact_pattern, make_span
from signoff_collector.capture.sessions.sessions import read_session
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

WORDS = "\u00e4rger \U0001f98a \U0001f600"


def _record(root: Path, name: str, secret: str) -> Path:
    """Return the folder of a session in which a file and its neighbour were typed."""
    session = make_session(root)
    journal = Journal(root=session.root)
    for path in (name, "kept.py"):
        journal.open(path, f"# {WORDS}\n")
        journal.change(path, (0, 1), (0, 1), f" about {secret if path == name else 'bees'}\n")
        journal.save(path, f"# about {secret if path == name else 'bees'}\n {WORDS}\n")
    journal.write(session.folder)
    return session.folder


@pytest.mark.parametrize("name", ["plan.txt", "notes [1]!.txt", "a/b c/ plan\u00e4.txt"])
@pytest.mark.parametrize("ignore_file", [".gitignore", ".signoffignore"])
def test_what_became_ignored_is_taken_out(
    home: Path, tmp_path: Path, name: str, ignore_file: str
) -> None:
    secret = random_secret(3)
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    folder = _record(root, name, secret)
    (root / ignore_file).write_text("*plan*\nnotes*\n")
    sealed = seal_session(read_session(folder), resolve_home(), SystemClock())
    episode = read_episode(sealed.path)
    strict_check(sealed.path.read_bytes())
    assert [Path(path).name for path in episode.files] == ["kept.py"]
    assert leaks_in_episode(episode, [secret]) == []
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(one.encode() in data for one in windows(secret)), path


def test_a_workspace_that_is_gone_loses_nothing(home: Path, tmp_path: Path) -> None:
    folder = _record(tmp_path / "project", "plan.txt", "wasps")
    (tmp_path / "project").rmdir()
    sealed = seal_session(read_session(folder), resolve_home(), SystemClock())
    assert set(read_episode(sealed.path).files) == {"plan.txt", "kept.py"}


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12))
def test_a_pattern_names_one_file_and_no_other(name: str) -> None:
    if name in {".", ".."}:
        return
    path = f"folder/{name}"
    span = make_span(0, 1, exact_pattern(path))
    assert span.covers(0, path)
    assert not span.covers(0, f"other/{name}")
    assert not span.covers(0, f"folder/{name}x")
