"""Two editors on one file, and editors that ended: every text is found and can be had back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.episodes import ASTRAL
from tests.support.seal_journals import Journal, gathered_for, sound

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.history.day.unsaved import _lost
from signoff_collector.history.files.file_history import FileHistory
from signoff_collector.history.search.matcher import Matcher
from signoff_collector.history.search.searchable import Searchable
from signoff_collector.history.search.searchable_text import session_text
from signoff_collector.history.search.searching import search_session
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.endings import Ending, How

WORDS = f"words of B {ASTRAL}"


def _hits(episode: Episode, text: str) -> list[tuple[bool, int]]:
    held = session_text(Searchable(EpisodeFile(write_episode(episode))))
    return [(hit.is_deleted, hit.seq) for hit in search_session(held, Matcher(text))]


def test_what_another_editor_wrote_over_is_found_and_had_back() -> None:
    a = Journal(closes_documents=True)
    b = Journal("lsp", 101, editor_pid=8, closes_documents=True)
    a.open("a.py", "one\n")
    a.wait(5)
    b.wait(10)
    b.open("a.py", "one\n")
    b.change("a.py", (0, 0), (0, 0), f"{WORDS}\n")
    b.save("a.py", f"{WORDS}\none\n")
    a.wait(60)
    a.change("a.py", (0, 0), (0, 0), "A ")
    a.save("a.py", "A one\n")
    episode = sound(assemble([a.records(), b.records()], gathered_for()))
    moments = Moments(episode)
    assert moments.file("a.py", episode.step_count) == "A one\n"
    ((is_deleted, seq),) = _hits(episode, WORDS)
    assert is_deleted
    assert moments.file("a.py", seq) == f"{WORDS}\none\n"
    points = {one.why: one.content.decode() for one in FileHistory(episode, "a.py").points()}
    assert points["before another editor wrote over it"] == f"{WORDS}\none\n"


def _editors() -> tuple[Journal, Journal]:
    return (
        Journal(closes_documents=True),
        Journal("lsp", 101, editor_pid=8, closes_documents=True),
    )


def test_an_editor_that_goes_on_from_what_another_saved_writes_over_nothing() -> None:
    for is_open_meanwhile in (False, True):
        a, later = _editors()
        if is_open_meanwhile:
            later.open("a.py", "one\n")
        a.open("a.py", "one\n")
        a.change("a.py", (0, 0), (0, 0), "A ")
        a.save("a.py", "A one\n")
        later.wait(60)
        if is_open_meanwhile:  # it reads the file anew, as with `:checktime`
            later.change("a.py", (0, 0), (1, 0), "A one\n")
        else:
            later.open("a.py", "A one\n")
        later.change("a.py", (0, 0), (0, 0), "B ")
        later.save("a.py", "B A one\n")
        episode = sound(assemble([a.records(), later.records()], gathered_for()))
        assert "before another editor wrote over it" not in {
            one.why for one in FileHistory(episode, "a.py").points()
        }


@pytest.mark.parametrize("is_over", [False, True])
def test_a_save_that_another_unsaved_text_hid_until_it_wrote_over_it_is_a_point(
    *, is_over: bool
) -> None:
    a, b = _editors()
    a.open("a.py", "one\n")
    a.change("a.py", (0, 0), (0, 0), f"{WORDS} ")
    b.wait(10)
    b.open("a.py", "one\n")
    b.change("a.py", (0, 0), (0, 0), "TANGO ")
    a.wait(20)
    a.save("a.py", f"{WORDS} one\n")
    b.wait(30)
    b.save("a.py", "TANGO one\n")
    if is_over:
        b.wait(60)
        b.save("a.py", "TANGO one\n")
    episode = sound(assemble([a.records(), b.records()], gathered_for()))
    history = FileHistory(episode, "a.py")
    (point,) = [one for one in history.points() if one.content == f"{WORDS} one\n".encode()]
    assert (point.why, point.is_disk) == ("before another editor wrote over it", True)
    assert history.on_disk(point.seq) == point.content


def test_what_was_saved_last_is_what_lay_on_disk_under_another_unsaved_text() -> None:
    a, b = _editors()
    a.open("a.py", "one\n")
    a.change("a.py", (0, 0), (0, 0), f"{WORDS} ")
    b.wait(10)
    b.open("a.py", "one\n")
    b.change("a.py", (0, 0), (0, 0), "TANGO ")
    a.wait(20)
    a.save("a.py", f"{WORDS} one\n")
    points = FileHistory(assemble([a.records(), b.records()], gathered_for()), "a.py").points()
    texts = {one.why: one.content.decode() for one in points}
    assert texts["saved"] == f"{WORDS} one\n"
    assert texts["as it was last recorded"] == "TANGO one\n"


def test_what_was_saved_half_a_second_is_found() -> None:
    a = Journal(closes_documents=True)
    a.open("a.py", "")
    a.change("a.py", (0, 0), (0, 0), "abc")
    a.save("a.py", "abc")
    a.change("a.py", (0, 0), (0, 3), "xyz")
    episode = sound(assemble([a.records()], gathered_for()))
    assert [is_deleted for is_deleted, _ in _hits(episode, "abc")] == [True]


def test_what_went_with_a_lost_editor_is_unsaved_until_it_comes_back() -> None:
    for comes_back in (False, True):
        a, later = Journal(closes_documents=True), Journal("lsp", 101, editor_pid=8)
        a.open("a.py", "one\n")
        a.change("a.py", (0, 0), (0, 0), f"{WORDS}\n")
        later.wait(60)
        later.open("a.py", f"{WORDS}\none\n" if comes_back else "one\n")
        ending = Ending(writer_id=a.header.writer_id, t_boot_ns=a.t_boot_ns, how=How.KILLED)
        facts = replace(gathered_for(), endings=(ending,))
        episode = sound(assemble([a.records(), later.records()], facts))
        lost = [(path, text) for _, path, text in _lost(Moments(episode))]
        assert lost == ([] if comes_back else [("a.py", f"{WORDS}\none\n")])
