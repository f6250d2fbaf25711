"""Recognised values as a whole: any case, any length of line, nothing that only begins alike."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.values.value_forms import cased_grams
from signoff_collector.redaction.values.whole_values import WholeValues, is_of_its_own

WORD = st.text("abcdefghijklmnopqrstuvwxyzÄİß0123456789._-@", min_size=6, max_size=40).filter(
    lambda one: len(one.strip()) >= 6 and one[0].isalnum() and one[-1].isalnum()
)


@given(WORD, st.sampled_from([0, 1, 5_000]), st.sampled_from([" ", '"', "/", "=", "😀"]))
def test_a_value_is_found_in_any_case_in_a_line_of_any_length(
    value: str, length: int, gap: str
) -> None:
    index = WholeValues()
    assert index.add("SECRET", value, 7)
    before = "x " * length + gap
    for spelt in (value, value.swapcase() if value.isascii() else value):
        line = f"{before}{spelt}{gap}y"
        assert (len(before), len(before) + len(spelt), 7) in list(index.find(line))
    assert not list(index.find(f"{before}q{value}{gap}")), "a longer word"
    assert not list(index.find(f"{before}{value}q{gap}")), "a longer word"


@given(WORD, st.binary(max_size=4), st.binary(max_size=4))
def test_a_value_is_found_in_base64_at_any_place(value: str, before: bytes, behind: bytes) -> None:
    index = WholeValues()
    index.add("SECRET", f"{value}{value}", 1)
    encoded = base64.b64encode(before + f"{value}{value}".encode() + behind).decode()
    assert [group for _, _, group in index.find(f"x = '{encoded}'")]


@pytest.mark.parametrize("seed", range(5))
def test_a_number_is_found_with_other_gaps(seed: int) -> None:
    source = random.Random(f"gaps {seed}")  # noqa: S311
    print(f"seed {seed}")  # noqa: T201
    digits = "".join(source.choice("3456789") for _ in range(10))
    index = WholeValues()
    index.add("PHONE", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", 3)
    for spelt in (digits, f"{digits[:3]}.{digits[3:6]}.{digits[6:]}", " ".join(digits)):
        assert (6, 6 + len(spelt), 3) in list(index.find(f"tel   {spelt} 😀"))
    assert not list(index.find(f"{digits}1 1{digits}"))


@given(st.text("aB3-_ \n\t", min_size=6, max_size=60))
def test_no_piece_in_another_case_is_a_blank_or_a_word(value: str) -> None:
    grams = list(cased_grams(value))
    assert not any(char.isspace() for gram in grams for char in gram)
    assert not any(map(str.isalpha, grams))


@pytest.mark.parametrize("value", ["localhost", "user-data", "password", "connection-string"])
def test_ordinary_words_are_no_values_of_their_own(value: str) -> None:
    assert not is_of_its_own(value)


@pytest.mark.parametrize("value", ["Falcon1999", "sommerwind", "correct-horse-battery"])
def test_other_words_are(value: str) -> None:
    assert is_of_its_own(value)
