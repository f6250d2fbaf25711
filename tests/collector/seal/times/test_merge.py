"""One order for the records of all writers, and one writer for each buffer."""

from __future__ import annotations

from tests.support.seal_journals import (
    START_BOOT_NS,
    START_WALL_NS,
    Journal,
    final_buffer,
    gathered_for,
    kinds,
    sound,
)

from signoff_collector.episode.content import Episode
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.gathered import LateStep
from signoff_collector.seal.times.merge import merge, session_scale

TEXT = "one 😀🦊\n"
S = 10**9


def _sealed(*journals: Journal) -> Episode:
    return sound(assemble([one.records() for one in journals], gathered_for()))


def test_writers_are_merged_by_time() -> None:
    editor, terminal = Journal(), Journal("run", 200)
    editor.open("a.py", TEXT)
    editor.wait(1)
    terminal.wait(0.5)
    terminal.step("command", argv=["true"], exit_code=0)
    editor.change("a.py", (0, 0), (0, 0), "x")
    episode = _sealed(terminal, editor)
    assert kinds(episode) == ["open", "command", "edit"]
    assert [step.source for step in episode.steps] == ["bridge:1", "run"]


def test_the_order_of_the_writers_does_not_matter() -> None:
    editor, terminal = Journal(), Journal("run", 200)
    editor.open("a.py", TEXT)
    terminal.step("command", argv=["true"], exit_code=0)
    assert _sealed(editor, terminal) == _sealed(terminal, editor)


def test_a_clock_that_steps_back_does_not_reorder_a_writer() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(5)
    journal.change("a.py", (0, 0), (0, 0), "1")
    journal.wait(-4)
    journal.change("a.py", (0, 1), (0, 1), "2")
    episode = _sealed(journal)
    assert final_buffer(episode, "a.py") == "12" + TEXT
    assert episode.times().tolist() == sorted(episode.times().tolist())


def test_a_reading_of_the_clocks_does_not_move_the_older_record_behind_it() -> None:
    """A burst of the file watcher is written up to 2 s after its time; the reading is of then."""
    editor, files = Journal(), Journal("run", 200)
    editor.open("a.py", TEXT)
    editor.wait(2)
    editor.change("a.py", (0, 0), (0, 0), "x")
    files.wait(3)
    files.clocks(asleep_ns=0)
    files.wait(-2)
    files.step("command", argv=["true"], exit_code=0)
    files.wait(2)
    files.clocks(asleep_ns=0)
    records = [journal.records() for journal in (editor, files)]
    placed = list(merge(records, session_scale(one.header for one in records)))
    assert [row[0] for row in placed] == sorted(row[0] for row in placed)
    assert kinds(_sealed(editor, files)) == ["open", "command", "edit"]


def test_a_time_beyond_any_session_counts_as_the_time_before() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.t_boot_ns += 1 << 61
    journal.change("a.py", (0, 0), (0, 0), "x")
    assert _sealed(journal).header.duration_ns == 100 * 10**6


def test_a_second_boot_follows_the_first_one_though_its_clock_starts_anew() -> None:
    first = Journal()
    first.open("a.py", TEXT)
    first.close("a.py")
    later = START_WALL_NS + 3600 * S
    second = Journal(pid=101, boot_id="boot-2", t_boot_ns=5 * S, wall_ns=later, editor_pid=8)
    second.open("b.py", TEXT)
    episode = _sealed(second, first)
    assert kinds(episode) == ["open", "close", "gap", "open"]
    assert episode.files == ("a.py", "b.py")


def test_a_wall_clock_set_back_over_a_reboot_keeps_the_boots_in_order() -> None:
    first = Journal()
    second = Journal(pid=101, boot_id="boot-2", t_boot_ns=S, wall_ns=START_WALL_NS + 1)
    scale = session_scale([second.header, first.header])
    assert scale.at("boot-2", S) >= scale.at("boot-1", START_BOOT_NS)


def test_late_git_steps_stand_at_the_end_of_their_second() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.wait(0.5)
    journal.change("a.py", (0, 0), (0, 0), "x")
    journal.wait(1)
    journal.change("a.py", (0, 0), (0, 0), "y")
    late = LateStep(
        boot_id="boot-1",
        t_boot_ns=START_BOOT_NS + S - 1,
        fields={"kind": "git", "operation": "commit", "head_after": "1" * 40},
    )
    episode = sound(assemble([journal.records()], gathered_for(late=(late,))))
    assert kinds(episode) == ["open", "edit", "git", "edit"]
    assert str(episode.steps[1].t_kind) == "seen_late"
    assert "1" * 40 not in repr(episode.steps[1])


def test_of_two_writers_in_one_editor_the_one_with_most_changes_is_believed() -> None:
    first, second = Journal(), Journal(pid=101)
    for journal in (first, second):
        journal.open("a.py", TEXT)
        journal.change("a.py", (0, 0), (0, 0), "x")
    second.change("a.py", (0, 1), (0, 1), "y")
    for journal in (first, second):
        journal.save("a.py", "xy" + TEXT)
        journal.close("a.py")
    episode = _sealed(first, second)
    assert kinds(episode) == ["open", "edit", "edit", "save", "close"]
    assert {step.source for step in episode.steps} == {"bridge:2"}


def test_each_open_interval_has_its_own_winner() -> None:
    first, second = Journal(), Journal(pid=101)
    for most, few in ((first, second), (second, first)):
        for journal in (most, few):
            journal.open("a.py", TEXT)
        most.change("a.py", (0, 0), (0, 0), "x")
        for journal in (most, few):
            journal.close("a.py")
            journal.t_boot_ns = START_BOOT_NS + 20 * S
    episode = _sealed(first, second)
    assert [step.source for step in episode.steps] == [
        "bridge:1", "bridge:1", "bridge:2", "bridge:2",
    ]  # fmt: skip
    assert len(episode.edits) == 2


def test_two_editors_have_a_buffer_each() -> None:
    first, second = Journal(), Journal(pid=101, editor_pid=8)
    for journal, text in ((first, "1"), (second, "2")):
        journal.open("a.py", TEXT)
        journal.change("a.py", (0, 0), (0, 0), text)
    episode = _sealed(first, second)
    assert final_buffer(episode, "a.py", 0) == "1" + TEXT
    assert final_buffer(episode, "a.py", 1) == "2" + TEXT
    assert len(episode.header.editors) == 2


def test_merging_one_writer_gives_its_records_in_order() -> None:
    journal = Journal()
    journal.open("a.py", TEXT)
    journal.close("a.py")
    records = journal.records()
    scale = session_scale([records.header])
    assert [placed[2] for placed in merge([records], scale)] == [0, 1]
