"""Tokens are the same in any layout; blind ones also under other names and numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.similarity.tokens import blind, hashed, tokens


def test_white_space_is_no_token_and_every_sign_is_one() -> None:
    assert tokens("if (größe\t>= 0x1F)\n  { \U0001f98a\U00010348; }") == [
        *("if", "(", "größe", ">", "=", "0x1F", ")", "{", "\U0001f98a", "\U00010348", ";", "}")
    ]


def test_names_and_numbers_are_read_alike_and_keywords_are_not() -> None:
    first = [blind(one) for one in tokens("return total(3, _a) if x else None")]
    other = [blind(one) for one in tokens("RETURN sum_of(0x17, b2) if größe else none")]
    assert first == other
    assert first == ["return", "x", "(", "0", ",", "x", ")", "if", "x", "else", "none"]


def test_the_number_of_a_token_is_the_same_on_every_machine() -> None:
    assert [hex(number) for number in hashed(["x", "\U0001f98a"])] == [
        "0x4f586ef96743df4a",
        "0x7ae40a67902d289",
    ]


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_tokens_also_one_with_half_a_character(text: str) -> None:
    found = tokens(text)
    assert "".join(found) == "".join(text.split()) or not text.isprintable()
    assert len(hashed([blind(one) for one in found])) == len(found)
