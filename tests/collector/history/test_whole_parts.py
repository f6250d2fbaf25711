"""An episode in memory is searched as the same one in a file is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.support.episodes import episodes
from tests.support.history import live_session, typed

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file import writer
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.history.local_sessions import local_sessions
from signoff_collector.history.search.finding import opened
from signoff_collector.history.search.searchable import Searchable
from signoff_collector.history.search.searchable_text import session_text
from signoff_collector.history.whole_parts import WholeParts
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock


@settings(max_examples=60)
@given(episodes())
def test_memory_and_file_say_the_same(episode: Episode) -> None:
    whole, of_file = (
        Searchable(WholeParts(episode)),
        Searchable(EpisodeFile(write_episode(episode))),
    )
    assert list(whole.steps()) == list(of_file.steps())
    assert list(whole.step_texts()) == list(of_file.step_texts())
    assert (whole.files, whole.times, whole.end) == (of_file.files, of_file.times, of_file.end)
    assert session_text(whole) == session_text(of_file)


def test_a_session_that_goes_on_is_not_written_to_be_read(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    (tmp_path / "work").mkdir()
    live_session(tmp_path / "work", typed(tmp_path / "work", "a 🎉.py", "quokka = 1"))
    (session,) = local_sessions(resolve_home(), SystemClock())

    def never(*_: object) -> bytes:
        raise AssertionError("nobody asked for a file")

    monkeypatch.setattr(writer, "write_episode", never)
    assert "quokka" in session_text(opened(session)).lines().decode()
