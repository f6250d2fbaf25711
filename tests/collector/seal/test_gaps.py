"""Silence is said, one reason at a time."""

from __future__ import annotations

from dataclasses import replace

from seal_journals import MS, START_BOOT_NS, Journal, gaps, gathered_for, kinds, sound
from signoff_collector.capture.control import ControlLine
from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.records import Damage, WriterRecords

TEXT = "one 😀🦊\n"
S = 10**9


def _line(verb: str, seconds: float, **fields: str) -> ControlLine:
    return ControlLine(verb=verb, t_boot_ns=START_BOOT_NS + int(seconds * S), fields=fields)


def _span(first: float, last: float, **fields: str) -> ControlLine:
    start, end = (str(START_BOOT_NS + int(seconds * S)) for seconds in (first, last))
    return _line("forget", last, **{"from": start, "to": end, **fields})


def _sealed(journal: Journal, *control: ControlLine) -> Episode:
    return sound(assemble([journal.records()], gathered_for(*control)))


def _told(episode: Episode) -> list[tuple[str, int | None]]:
    return [
        (str(gap.reason), None if gap.duration_ns is None else gap.duration_ns // S)
        for gap in gaps(episode)
    ]


def test_five_minutes_without_a_step_are_idle() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(400)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal)
    assert kinds(episode) == ["open", "gap", "edit"]
    assert _told(episode) == [("idle", 400)]
    assert gaps(episode)[0].last_input_ns == 100 * MS


def test_less_than_five_minutes_are_just_thinking() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(290)
    journal.change("a.py", (0, 0), (0, 0), "x")
    assert gaps(_sealed(journal)) == []


def test_silence_after_the_focus_went_elsewhere_is_away() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.companion("focus", {"gained": False, "to": "other"})
    journal.wait(400)
    journal.companion("focus", {"gained": True, "to": "editor"})
    assert _told(_sealed(journal)) == [("away", 400)]


def test_a_pause_is_said_with_its_length() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(100)
    journal.anchor("a.py", "later 😀🦊\n", while_paused=True)
    episode = _sealed(journal, _line("pause", 10), _line("resume", 70))
    assert kinds(episode) == ["open", "gap", "open"]
    assert _told(episode) == [("paused", 60)]


def test_a_pause_that_ends_by_itself_is_as_long_as_it_was_to_be() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(100)
    journal.anchor("a.py", TEXT)
    until = str(START_BOOT_NS + 40 * S)
    assert _told(_sealed(journal, _line("pause", 10, until=until))) == []
    episode = _sealed(journal, _line("pause", 10, until=until), _line("stop", 90))
    assert _told(episode) == [("paused", 30)]


def test_a_forgotten_span_leaves_nothing_but_its_length() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(10)
    journal.change("a.py", (0, 0), (0, 0), "forgotten secret 😀🦊")
    journal.wait(10)
    journal.anchor("a.py", "kept " + TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal, _span(5, 15))
    assert kinds(episode) == ["open", "gap", "open", "edit"]
    assert _told(episode) == [("forgotten", 10)]
    assert "forgotten secret" not in episode.edits.text
    assert b"forgotten secret" not in b"".join(episode.blobs)


def test_a_forgotten_file_is_lost_until_its_next_anchor() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.open("b.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "hidden 😀🦊")
    journal.change("b.py", (0, 0), (0, 0), "shown 😀🦊")
    journal.wait(20)
    journal.anchor("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal, _span(0, 10, path="a.py"))
    assert "hidden" not in episode.edits.text
    assert episode.edits.text == "shown 😀🦊x"
    assert episode.files == ("b.py", "a.py")


def test_private_and_too_large_files_are_gaps_their_writer_tells() -> None:
    journal = Journal()
    journal.step("gap", reason="private", count=1)
    journal.step("gap", reason="too_large", path="big.bin")
    assert [reason for reason, _ in _told(_sealed(journal))] == ["private", "too_large"]


def test_a_writer_that_was_killed_is_a_crash() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    facts = replace(gathered_for(), killed=(journal.header.writer_id,))
    episode = sound(assemble([journal.records()], facts))
    assert [reason for reason, _ in _told(episode)] == ["crashed"]


def test_records_that_cannot_be_read_are_dropped_and_counted() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    writer = _Damaged(journal.header, [list(journal.records())])
    episode = sound(assemble([writer], gathered_for()))
    assert [(str(gap.reason), gap.count) for gap in gaps(episode)] == [
        ("crashed", None),
        ("dropped", 3),
    ]


class _Damaged(WriterRecords):
    @property
    def damage(self) -> Damage:  # type: ignore[override]
        return Damage(left_bytes=5, unreadable=3)

    @damage.setter
    def damage(self, value: Damage) -> None:
        del value


def test_times_never_run_backwards_whatever_the_gaps() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    for _ in range(5):
        journal.wait(3)
        journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal, _line("pause", 4), _line("resume", 300), _line("pause", 2))
    times = episode.times().tolist()
    assert times == sorted(times)
    assert all(t_ns % MS == 0 for t_ns in times)
