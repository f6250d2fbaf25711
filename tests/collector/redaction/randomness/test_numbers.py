"""Numbers that look drawn are asked for in review; what people count, time and measure is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.typist import Typist

from signoff_collector.redaction.randomness.novel import novel_tokens
from signoff_collector.redaction.randomness.numbers import find_drawn_numbers

SEED = 20_261_124
AROUND = (
    "{}", "x = '{}'", "client_id={}", '{{"id": {}}}', "id: {}", "https://example.org/hooks/{}",
    "a,{},b", "({})", "key-{}", "{}:", "# {}.", "got <{}>", "[{}, 2]",
)  # fmt: skip
ORDINARY = (
    "1763942491", "1763942491123", "1763942491123456", "1763942491123456789",
    "20261124001530", "2026112400153012", "4294967295", "2147483647", "18446744073709551615",
    "9223372036854775807", "65536000000", "1234567890", "9876543210123", "1111111111111",
    "10000000019", "0.3000000000000004", "3.14159265358979323846", "v1.20261124153",
    "12-4812957310", "481295731+1", "a4812957310", "4812957310a", "4812957310e5",
    "4812957310.25", "5550001234999",
)  # fmt: skip


def asked(text: str) -> list[str]:
    return [text[low:high] for low, high in find_drawn_numbers(text)]


@pytest.mark.parametrize("length", [10, 11, 12, 16, 18, 20, 32, 64])
def test_of_drawn_numbers_nearly_all_are_asked_for(length: int) -> None:
    print(f"numbers from seed {SEED}")  # noqa: T201
    source = random.Random(f"{SEED} {length}")  # noqa: S311
    numbers = ["".join(source.choices("0123456789", k=length)) for _ in range(400)]
    found = sum(asked(source.choice(AROUND).format(one)) == [one] for one in numbers)
    # One in seven numbers of ten digits is a time of these decades; of 64, one in sixteen has
    # four equal digits in a row.
    assert found >= 0.8 * len(numbers)


@pytest.mark.parametrize("number", ORDINARY)
@pytest.mark.parametrize("around", AROUND)
def test_what_is_counted_timed_and_measured_is_not(number: str, around: str) -> None:
    assert asked(around.format(number)) == []


@given(st.text(st.sampled_from("0123456789.-+:/, a"), max_size=200))
def test_what_is_found_is_a_whole_number_of_ten_digits_or_more(text: str) -> None:
    ends = 0
    for low, high in find_drawn_numbers(text):
        assert ends <= low < high
        assert text[low:high].isdigit()
        assert 10 <= high - low <= 64
        assert not text[low - 1 : low].isdigit() or low == 0
        assert not text[high : high + 1].isdigit()
        ends = high


def test_review_lists_them_wherever_they_came_from() -> None:
    number = "4812957310627"
    typist = Typist()
    typist.open("a.py", "x = 1\n")
    typist.type_at_end("a.py", f"client = {number}\n")
    typist.command(["make"], "other 7301958264415, took 1.730195826441 s\n")
    values = {found.value for found in novel_tokens(typist.episode())}
    assert values == {number, "7301958264415"}
