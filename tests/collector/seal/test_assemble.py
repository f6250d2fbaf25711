"""Records of writers become an episode."""

from __future__ import annotations

from tests.support.seal_journals import Journal, gathered_for

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.seal.assemble import assemble


def test_typing_in_an_editor_becomes_edits_that_replay() -> None:
    journal = Journal()
    journal.open("a.py", "x = '😀🦊'\n")
    journal.change("a.py", (0, 9), (0, 9), "!")
    journal.change("a.py", (1, 0), (1, 0), "y = 1\n")
    journal.save("a.py", "x = '😀🦊!'\ny = 1\n")
    journal.close("a.py")
    episode = assemble([journal.records()], gathered_for())
    data = write_episode(episode)
    assert strict_check(data) == episode
    assert read_episode(data) == episode
    assert [getattr(step, "kind", "") for step in episode.steps] == ["open", "save", "close"]
    report = check_replay(episode)
    assert not report.mismatches
    assert episode.header.check.matched == 1
    assert Moments(episode).disk("a.py", episode.step_count) == "x = '😀🦊!'\ny = 1\n"
