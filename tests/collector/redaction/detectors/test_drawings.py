"""Path data of SVG is no secret; a secret that begins like it is one."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import random_secret

from signoff_collector.redaction.detectors.detectors import find_settled

COUNTS = {"M": 2, "L": 2, "T": 2, "H": 1, "V": 1, "S": 4, "Q": 4, "C": 6, "A": 7, "Z": 0}


def numbers(draw: random.Random, command: str) -> list[str]:
    """Return the numbers that a command takes once."""
    kinds = (
        lambda: str(draw.randint(-900, 900)),
        lambda: f"{draw.uniform(-99, 99):.{draw.randint(1, 4)}f}".replace("0.", "."),
        lambda: f"{draw.randint(1, 9)}e-{draw.randint(1, 9)}",
    )
    made = [draw.choice(kinds)() for _ in range(COUNTS[command])]
    if command == "A":
        made[3:5] = draw.choices("01", k=2)
    return made


def path_data(seed: int, length: int) -> str:
    """Return path data as programs that shorten it write it: no blank where none is needed."""
    draw = random.Random(seed)  # noqa: S311  test data
    data = "M" + " ".join(numbers(draw, "M"))
    while len(data) < length:
        command = draw.choice(list(COUNTS))
        data += draw.choice([command, command.lower()])
        for place, number in enumerate(numbers(draw, command)):
            needs_gap = place and not number.startswith("-")
            data += (draw.choice([" ", ","]) if needs_gap else "") + number
    return data


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(16, 900))
def test_nothing_is_found_in_path_data(seed: int, length: int) -> None:
    data = path_data(seed, length)
    for line in (f'<path d="{data}"/>', f"var icon={{attrs:{{d:'{data}'}}}};"):
        assert not find_settled(line)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(20, 60))
def test_a_random_token_that_begins_like_path_data_is_found(seed: int, length: int) -> None:
    value = "M1 2l3" + random_secret(seed, length)
    line = f'password = "{value}"'
    assert any(line[hit.start : hit.end] in value for hit in find_settled(line))
