"""Which moments a film shows: the last one of every tenth of a second, silence folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, episodes
from tests.support.pictures import Desk
from tests.support.random_work import work

from signoff_collector.episode.content import Episode
from signoff_collector.picture.film.shots import FRAME_MS, LAST_MS, shots_of
from signoff_collector.replay.reel import Reel
from signoff_schemas.errors import UsageError


@given(st.one_of(episodes(), work()), st.integers(1, 300))
def test_shots_follow_one_another_and_end_with_the_last_state(
    episode: Episode, length_s: int
) -> None:
    shots = shots_of(Reel(episode), length_s=length_s)
    at = 0
    for one in shots:
        assert one.begin_ms == at
        assert one.shown_ms >= FRAME_MS
        assert one.shown_ms % FRAME_MS == 0
        at += one.shown_ms
    assert at <= length_s * 1000 + LAST_MS + FRAME_MS
    assert [one.seq for one in shots] == sorted({one.seq for one in shots})
    assert shots[-1].seq <= episode.step_count - 1


def test_silence_is_a_second_and_quick_keys_are_shown_together() -> None:
    desk = Desk(key_ms=20)
    desk.open("a.txt", "")
    desk.wait(1_000)
    desk.type("a.txt", 0, f"typed {ASTRAL}")  # 8 keys in 160 ms
    desk.wait(3_600_000)
    desk.type("a.txt", 8, "!")
    shots = shots_of(Reel(desk.episode()), length_s=60)
    assert shots[-1].begin_ms == 2_200  # a second, 0.16 s of keys, a second for the hour
    assert len(shots) == 5
    assert shots[-1].shown_ms == LAST_MS


def test_a_long_stretch_is_played_faster_than_a_short_one() -> None:
    desk = Desk(key_ms=500)
    desk.begin_task(f"long {ASTRAL}")
    desk.open("a.txt", "")
    desk.type("a.txt", 0, "x" * 200)
    desk.begin_task("short")
    desk.type("a.txt", 200, "y" * 10)
    episode = desk.episode()
    begins = {one.seq: one.begin_ms for one in shots_of(Reel(episode), length_s=300)}
    turn = next(step.seq for step in episode.steps if step.kind == "task" and step.seq)
    before = max(seq for seq in begins if seq < turn)
    assert begins[before] == pytest.approx(200 * 500 / 4, abs=600)
    assert max(begins.values()) - begins[before] == pytest.approx(10 * 500, abs=600)


def test_an_episode_without_steps_is_shown_for_a_moment() -> None:
    (only,) = shots_of(Reel(Desk().episode()), length_s=60)
    assert (only.seq, only.shown_ms) == (-1, LAST_MS)


def test_a_length_that_is_none_is_refused() -> None:
    for length_s in (0, -1, 301):
        with pytest.raises(UsageError, match="seconds long"):
            shots_of(Reel(Desk().episode()), length_s=length_s)
