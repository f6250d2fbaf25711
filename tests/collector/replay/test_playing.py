"""The clock of the player, told how much time has passed."""

from __future__ import annotations

from tests.support.episodes import ASTRAL, edit
from tests.support.player import only_edits

from signoff_collector.replay.playing import Playing, speed_from
from signoff_collector.replay.reel import Reel
from signoff_schemas.speeds import SPEEDS


def _reel(*t_ms: int) -> Reel:
    return Reel(only_edits(*(edit(n + 1, 0, 0, ASTRAL, t_ms=at) for n, at in enumerate(t_ms))))


def test_places_are_due_at_their_times_and_faster_at_a_higher_speed() -> None:
    playing = Playing(_reel(500, 1000, 1500))
    assert not playing.advance(10)
    assert playing.place == -1
    playing.is_running = True
    assert playing.advance(0.0)
    assert playing.place == 0
    assert not playing.advance(0.4)
    assert playing.advance(0.2)
    assert playing.place == 1
    playing.faster(2)
    assert playing.speed == 4.0
    assert playing.advance(0.2)
    assert playing.place == 2
    assert playing.is_running


def test_it_stops_at_the_end_and_goes_on_when_the_reel_grows() -> None:
    playing = Playing(_reel(500))
    playing.is_running = True
    playing.advance(99)
    assert playing.is_at_end
    assert not playing.is_running
    playing.change_reel(_reel(500, 900, 1200))
    assert playing.place == 3
    playing.go(1)
    playing.change_reel(_reel(500, 900, 1200, 1300))
    assert playing.place == 1
    playing.go(-1)
    playing.change_reel(_reel(500))
    assert playing.place == -1


def test_idle_time_is_played_in_half_a_second_and_told() -> None:
    playing = Playing(_reel(500, 100_000), place=1)
    playing.is_running = True
    assert playing.waited_ns == 0
    assert playing.advance(0.5)
    assert playing.place == 2
    assert playing.waited_ns == 99_500_000_000
    playing.squeeze(on=False)
    assert playing.waited_ns == 0
    playing.go(1)
    playing.is_running = True
    assert not playing.advance(99)
    assert playing.advance(1)


def test_speeds_have_ends_and_one_of_ones_own_snaps() -> None:
    playing = Playing(_reel(1), speed=5.0)
    playing.faster(1)
    assert playing.speed == 8.0
    playing.faster(99)
    assert playing.speed == SPEEDS[-1] == 256.0
    playing.faster(-99)
    assert playing.speed == SPEEDS[0] == 0.5


def test_places_beyond_the_ends_are_the_ends() -> None:
    playing = Playing(_reel(1, 2))
    playing.go(99)
    assert playing.place == 2
    playing.go(-99)
    assert playing.place == -1


def test_the_speed_is_for_what_is_played() -> None:
    reel = _reel(*range(0, 1_800_000, 1_000))
    assert speed_from(reel, -1) == speed_from(reel, reel.count - 1) == 16
    assert speed_from(reel, reel.place_at_time(1_790_000 * 10**6)) == 1
