"""Silence is said, one reason at a time."""

from __future__ import annotations

from dataclasses import replace

from tests.support.seal_journals import (
    MS,
    START_BOOT_NS,
    START_WALL_NS,
    Journal,
    S,
    gaps,
    gathered_for,
    kinds,
    sound,
)

from signoff_collector.capture.journal.control import ControlLine
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.records import Damage, WriterRecords
from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.endings import Ending, How

TEXT = "one 😀🦊\n"


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
    assert _told(_sealed(journal, _line("pause", 10, until=until))) == [("paused", 30)]
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


def test_an_editor_that_keeps_the_focus_is_idle_and_one_that_says_nothing_is_guessed() -> None:
    told = Journal()
    told.open("a.py", TEXT)
    told.companion("focus", {"gained": True, "to": "editor"})
    told.wait(400)
    told.change("a.py", (0, 0), (0, 0), "x")
    silent = Journal()
    silent.open("a.py", TEXT)
    silent.wait(400)
    silent.change("a.py", (0, 0), (0, 0), "x")
    for journal, basis in ((told, "observed"), (silent, "inferred")):
        (gap,) = gaps(_sealed(journal))
        assert (gap.reason, gap.basis) == ("idle", basis)


def test_of_two_editors_the_one_with_the_focus_decides() -> None:
    first, second = Journal(), Journal(pid=200, editor_pid=8)
    first.open("a.py", TEXT)
    first.companion("focus", {"gained": True, "to": "editor"})
    second.wait(1)
    second.companion("focus", {"gained": True, "to": "editor"})
    first.wait(2)
    first.companion("focus", {"gained": False, "to": "other"})  # to the second one
    first.wait(400)
    second.wait(500)
    second.companion("focus", {"gained": False, "to": "other"})
    second.wait(400)
    second.companion("focus", {"gained": True, "to": "editor"})
    episode = sound(assemble([first.records(), second.records()], gathered_for()))
    assert [(str(gap.reason), str(gap.basis)) for gap in gaps(episode)] == [
        ("idle", "observed"),
        ("away", "observed"),
    ]


def test_who_went_to_a_terminal_or_ended_the_editor_is_not_called_away() -> None:
    journal, run = Journal(), Journal("run", 300)
    journal.open("a.py", TEXT)
    journal.companion("focus", {"gained": False, "to": "other"})
    run.wait(5)
    run.step("command", argv=["make"], exit_code=0)
    run.wait(400)
    run.step("command", argv=["make"], exit_code=0)
    episode = sound(assemble([journal.records(), run.records()], gathered_for()))
    (gap,) = gaps(episode)
    assert (gap.reason, gap.basis, gap.last_input_ns) == ("idle", "inferred", 5100 * MS)
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.companion("focus", {"gained": True, "to": "editor"})
    journal.add(RecordKind.END, {"t_boot_ns": journal.t_boot_ns, "reason": "closed"})
    other = Journal(pid=200, editor_pid=8)
    other.wait(400)
    other.open("b.py", TEXT)
    (gap,) = gaps(sound(assemble([journal.records(), other.records()], gathered_for())))
    assert (gap.reason, gap.basis) == ("idle", "inferred")


def test_the_last_input_is_what_a_person_did_not_what_came_by_itself() -> None:
    journal, git = Journal(), Journal("git", 300)
    journal.open("a.py", TEXT)
    journal.change("a.py", (0, 0), (0, 0), "typed 😀🦊")
    journal.evidence("a.py", "key")
    typed_ns = journal.t_boot_ns - S // 10 - START_BOOT_NS
    journal.wait(10)
    journal.change("a.py", (0, 0), (0, 0), "x = 1\n")
    journal.evidence("a.py", "formatter")
    git.wait(100)
    git.step("git", operation="fetch")
    journal.wait(600)
    journal.change("a.py", (0, 0), (0, 0), "y")
    (gap,) = gaps(sound(assemble([journal.records(), git.records()], gathered_for())))
    assert gap.last_input_ns == typed_ns
    assert gap.t_ns == 100_100 * MS, "the silence itself began with the last step"


def test_what_was_slept_is_no_idle_time() -> None:
    journal = Journal(asleep_ns=3 * S)
    journal.open("a.py", TEXT)
    journal.wait(2000)
    journal.clocks(asleep_ns=1903 * S)
    journal.change("a.py", (0, 0), (0, 0), "x")
    assert _told(_sealed(journal)) == [("suspended", 1900)]
    journal = Journal(asleep_ns=0)
    journal.open("a.py", TEXT)
    journal.wait(3000)
    journal.clocks(asleep_ns=2000 * S)
    journal.wait(400)
    journal.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(journal)
    assert _told(episode) == [("idle", 1000), ("suspended", 2000), ("idle", 400)]
    starts = [gap.t_ns // S for gap in gaps(episode)]
    assert starts == [0, 1000, 3000]
    assert episode.header.check.blind_spans == 0


def test_a_short_sleep_is_said_late_and_no_step_changes_its_time() -> None:
    journal = Journal(asleep_ns=0)
    journal.open("a.py", TEXT)
    journal.wait(30)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.wait(40)
    journal.change("a.py", (0, 0), (0, 0), "y")
    journal.clocks(asleep_ns=20 * S)
    journal.change("a.py", (0, 0), (0, 0), "z")
    episode = _sealed(journal)
    assert _told(episode) == [("suspended", 20)]
    assert gaps(episode)[0].t_kind == "seen_late"
    assert [t // S for t in episode.times().tolist()] == [0, 30, 70, 70, 70]


def test_one_sleep_is_told_once_however_many_writers_saw_it() -> None:
    first, second = Journal(asleep_ns=0), Journal("git", 300, asleep_ns=0)
    first.open("a.py", TEXT)
    second.step("git", operation="fetch")
    second.wait(1000)
    second.clocks(asleep_ns=900 * S)  # the watcher woke first
    first.wait(1010)
    first.clocks(asleep_ns=900 * S)
    first.change("a.py", (0, 0), (0, 0), "x")
    late = Journal("run", 400, asleep_ns=900 * S, t_boot_ns=first.t_boot_ns + S)
    late.step("command", argv=["ls"], exit_code=0)
    writers = [first.records(), second.records(), late.records()]
    assert _told(sound(assemble(writers, gathered_for()))) == [("suspended", 900)]


def test_a_writer_that_begins_after_a_sleep_tells_of_it() -> None:
    before = Journal("run", 300, asleep_ns=0)
    before.step("command", argv=["ls"], exit_code=0)
    after = Journal("run", 400, asleep_ns=1200 * S, t_boot_ns=START_BOOT_NS + 1300 * S)
    after.step("command", argv=["ls"], exit_code=0)
    episode = sound(assemble([before.records(), after.records()], gathered_for()))
    assert _told(episode) == [("suspended", 1200)]


def test_a_wall_clock_set_by_hours_moves_no_step_and_makes_no_gap() -> None:
    for hours in (-5, 7):
        journal = Journal(asleep_ns=0)
        journal.open("a.py", TEXT)
        journal.wait(61)
        journal.clocks(asleep_ns=0, wall_ns=START_WALL_NS + hours * 3600 * S)
        journal.change("a.py", (0, 0), (0, 0), "x")
        later = Journal(
            "run", 400, asleep_ns=0, t_boot_ns=START_BOOT_NS + 70 * S,
            wall_ns=START_WALL_NS + hours * 3600 * S,
        )  # fmt: skip
        later.step("command", argv=["ls"], exit_code=0)
        episode = sound(assemble([journal.records(), later.records()], gathered_for()))
        assert gaps(episode) == []
        assert [t // S for t in episode.times().tolist()] == [0, 61, 70]


def test_a_second_boot_comes_after_the_first_whatever_its_wall_clock_says() -> None:
    for hours in (-5, 0):
        first = Journal(asleep_ns=0)
        first.open("a.py", TEXT)
        second = Journal(
            pid=200, boot_id="boot-2", t_boot_ns=9 * S, asleep_ns=0,
            wall_ns=START_WALL_NS + hours * 3600 * S + 60 * S,
        )  # fmt: skip
        second.open("b.py", TEXT)
        episode = sound(assemble([second.records(), first.records()], gathered_for()))
        assert episode.files == ("a.py", "b.py")
        assert [str(gap.reason) for gap in gaps(episode)] == []


def test_a_gap_that_a_writer_tells_takes_the_time_it_says() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.step("gap", reason="private", count=2, duration_ns=900 * S)
    journal.wait(905)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.wait(600)
    journal.step("gap", reason="dropped", duration_ns=500 * S, t_kind="seen_late")
    episode = _sealed(journal)
    assert _told(episode) == [("private", 900), ("dropped", 500)]
    assert [gap.t_ns // S for gap in gaps(episode)] == [0, 1005]
    assert gaps(episode)[0].count == 2


def test_a_writer_that_was_killed_is_a_crash_where_it_happened() -> None:
    journal, other = Journal(), Journal("run", 300)
    journal.open("a.py", TEXT)
    other.wait(100)
    other.step("command", argv=["ls"], exit_code=0)
    facts = replace(
        gathered_for(),
        endings=(
            Ending(writer_id=journal.header.writer_id, t_boot_ns=journal.t_boot_ns, how=How.KILLED),
            Ending(writer_id="run-1-none", t_boot_ns=0, how=How.KILLED),
            Ending(writer_id=other.header.writer_id, t_boot_ns=other.t_boot_ns, how=How.FAILED),
        ),
    )
    episode = sound(assemble([journal.records(), other.records()], facts))
    assert kinds(episode) == ["open", "close", "gap", "command", "gap"]
    assert [(gap.source, str(gap.reason)) for gap in gaps(episode)] == [
        ("bridge:1", "crashed"),
        ("run", "dropped"),
    ]


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
        return Damage(left_bytes=5, is_torn=True, unreadable=3)

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


def test_a_private_pause_is_said_as_private() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(100)
    journal.anchor("a.py", "later 😀🦊\n", while_paused=True)
    lines = (_line("pause", 20, reason="private"), _line("resume", 80))
    assert _told(_sealed(journal, *lines)) == [("private", 60)]


def test_a_pause_that_a_shared_editor_asks_for_again_is_one_gap() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(300)
    journal.anchor("a.py", "later 😀🦊\n", while_paused=True)
    lines = [
        _line("pause", at, reason="shared", until=str(START_BOOT_NS + (at + 120) * S))
        for at in (20, 80, 140)
    ]
    assert _told(_sealed(journal, *lines)) == [("paused", 240)]


def test_an_unknown_reason_of_a_pause_is_a_pause() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(100)
    lines = (_line("pause", 20, reason="\N{PILE OF POO}"), _line("resume", 80))
    assert _told(_sealed(journal, *lines)) == [("paused", 60)]
