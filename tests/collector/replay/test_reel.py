"""An episode as a film: places, stops, the file that is looked at."""

from __future__ import annotations

from hypothesis import given
from tests.support.episodes import (
    ASTRAL,
    MS,
    SOURCE,
    edit,
    header,
    jumping_episode,
    open_episode,
    sample_episode,
    typing,
)
from tests.support.player import only_edits, with_steps

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.replay.reel import IDLE_NS, SQUEEZED_NS, STOPS, Reel
from signoff_schemas.steps import NoteStep, OpenStep, ViewStep


def test_every_place_gives_the_step_that_stands_there() -> None:
    episode = sample_episode()
    reel = Reel(episode)
    ordered = list(episode.ordered())
    assert reel.count == len(ordered) == 22
    assert [reel.step(place) for place in range(reel.count)] == ordered
    assert [reel.seq(place) for place in range(-1, reel.count)] == list(range(-1, 22))
    kinds = [reel.kind(place) for place in (0, 1, 2, 10, 13)]
    assert kinds == ["task", "open", "edit", "tests", "git"]


def test_stops_are_found_both_ways_and_the_last_has_none_behind() -> None:
    reel = Reel(sample_episode())
    assert reel.next_stop(-1, "test run", forward=True) == 10
    assert reel.next_stop(10, "test run", forward=True) is None
    assert reel.next_stop(21, "git operation", forward=False) == 13
    assert reel.next_stop(21, "note or task", forward=False) == 0
    assert reel.next_stop(0, "note or task", forward=True) == 21
    assert reel.next_stop(0, "gap", forward=True) == 19
    assert "git operation" in STOPS


def test_the_eye_follows_the_work_from_file_to_file() -> None:
    reel = Reel(jumping_episode())
    assert {reel.path(place) for place in range(reel.count)} == {"a.txt", "b.txt"}
    turn = reel.next_file(1, forward=True)
    assert turn is not None
    assert reel.path(turn) != reel.path(turn - 1)
    assert reel.next_file(turn, forward=False) == 1
    assert reel.first_in_file("b.txt", -1) == 1
    assert reel.first_in_file("elsewhere", -1) is None


def test_a_file_that_is_only_looked_at_is_shown_and_one_merely_held_is_not() -> None:
    looked = ViewStep(seq=22, t_ns=3000 * MS, source=SOURCE, path=f"{ASTRAL}.md")
    held = OpenStep(seq=23, t_ns=3100 * MS, source=SOURCE, path="held", reason="anchor")
    reel = Reel(with_steps(looked, held))
    assert reel.path(22) == reel.path(23) == f"{ASTRAL}.md"


def test_idle_time_is_squeezed_and_other_time_is_not() -> None:
    reel = Reel(only_edits(edit(1, 0, 0, ASTRAL, t_ms=1500), edit(2, 0, 0, "b", t_ms=3_600_000)))
    assert reel.played_ns.tolist() == [0, 1500 * MS, 1500 * MS + SQUEEZED_NS]
    assert int(reel.t_ns[2]) - int(reel.t_ns[1]) > IDLE_NS


def test_an_episode_without_steps_has_no_place() -> None:
    reel = Reel(Episode(header=header()))
    assert reel.count == 0
    assert reel.path(-1) is None
    assert reel.seq(-1) == -1
    assert reel.next_stop(-1, "gap", forward=True) is None
    assert reel.next_file(-1, forward=True) is None


def test_one_note_is_an_episode_too() -> None:
    note = NoteStep(seq=0, t_ns=0, source=SOURCE, text=ASTRAL)
    reel = Reel(Episode(header=header(), steps=(note,)))
    assert reel.step(0) == note
    assert reel.path(0) is None


@given(typing(max_size=20))
def test_places_and_times_never_run_backwards(typed: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, _ = typed
    reel = Reel(open_episode(opened, edits))
    times = reel.t_ns.tolist()
    assert times == sorted(times)
    for place in range(reel.count):
        assert reel.place_of_seq(reel.seq(place)) == place
        assert reel.place_at_time(reel.time(place)) >= place
