"""The speed by the length of what is played: the same in terminal and page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_schemas.speeds import BY_LENGTH, SPEEDS, as_data, speed_for

TABLE = Path(__file__).resolve().parent.parent.parent / "schemas" / "json" / "speeds.json"


@pytest.mark.parametrize(
    ("length_s", "speed"),
    [(0, 1), (10, 1), (60, 4), (480, 4), (1_800, 16), (3_600, 32), (7_200, 64), (90_000, 256)],
)
def test_the_speed_follows_from_the_length(length_s: int, speed: float) -> None:
    assert speed_for(length_s) == speed


@given(st.floats(min_value=0, max_value=256 * 120))
def test_nothing_up_to_eight_hours_takes_longer_than_two_minutes(length_s: float) -> None:
    speed = speed_for(length_s)
    assert speed in SPEEDS
    assert length_s / speed <= 120
    slower = SPEEDS[SPEEDS.index(speed) - 1]
    assert speed == 1 or length_s / slower > min(120, max(10, length_s / 4))


def test_the_page_has_the_same_rule() -> None:
    assert json.loads(TABLE.read_text("utf-8")) == json.loads(json.dumps(as_data()))
    assert [speed for _, speed in BY_LENGTH] == list(SPEEDS[1:-1])
