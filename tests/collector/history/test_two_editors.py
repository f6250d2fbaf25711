"""Two editors on one file, and editors that ended: every text is found and can be had back."""

from __future__ import annotations

from dataclasses import replace

from seal_journals import Journal, gathered_for, sound
from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments import Moments
from signoff_collector.episode.reader import EpisodeFile
from signoff_collector.episode.writer import write_episode
from signoff_collector.history.file_history import FileHistory
from signoff_collector.history.held_words import held_words
from signoff_collector.history.matcher import Matcher
from signoff_collector.history.searchable import Searchable
from signoff_collector.history.searching import search_session
from signoff_collector.history.unsaved import _lost
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.endings import Ending, How
from support_episodes import ASTRAL

WORDS = f"words of B {ASTRAL}"


def _hits(episode: Episode, text: str) -> list[tuple[bool, int]]:
    held = held_words(Searchable(EpisodeFile(write_episode(episode))))
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
