"""Recorded text cannot lie to the person who reviews it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.text.linear import linearise, linearise_path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("\x1b[8mhidden\x1b[0m", "␛[8mhidden␛[0m"),
        ("shown\rover", "shown␍over"),
        ("a\u200bb\u202ec", "a<U+200B>b<U+202E>c"),
        ("a\ufe0fb\U000e0101c", "a<U+FE0F>b<U+E0101>c"),
        ("a\U000e0041b", "a<U+E0041>b"),
        ("a\u00a0b\u3164c", "a<U+00A0>b<U+3164>c"),
        ("top\n" + "\n" * 10_000 + "end", "top\n… 10000 empty lines …\nend"),
    ],
)
def test_what_hides_is_spelled_out(text: str, shown: str) -> None:
    assert linearise(text) == shown


def test_letters_that_look_like_others_in_a_path_are_told() -> None:
    assert linearise_path("src/app.py") == "src/app.py"
    assert linearise_path("src/\u0430pp.py") == "src/\u0430pp.py  (src/\\u0430pp.py)"
    assert "\n" not in linearise_path("a\nb")


@given(st.text(max_size=200))
def test_nothing_shown_moves_hides_or_colours(text: str) -> None:
    for char in linearise(text):
        assert char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
