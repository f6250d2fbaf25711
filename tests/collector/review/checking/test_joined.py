"""Searching many texts at once finds what searching each one does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.typist import Typist

from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.checking.joined import GRAM, Joined
from signoff_collector.review.checking.places import BaseTexts, StringPlaces
from signoff_schemas.steps import NoteStep

TEXTS = st.lists(st.text(st.sampled_from("ab😀🚀\n"), max_size=30), max_size=6)
VALUES = st.lists(st.text(st.sampled_from("ab😀🚀"), min_size=1, max_size=12), max_size=4)


def joined(texts: list[str]) -> Joined[int]:
    made: Joined[int] = Joined()
    for number, text in enumerate(texts):
        made.add(number, text)
    return made


@given(texts=TEXTS, values=VALUES)
def test_every_place_of_a_value_is_found_in_its_own_text(
    texts: list[str], values: list[str]
) -> None:
    expected = {
        (value, number, start)
        for value in values
        if len(value) >= GRAM
        for number, text in enumerate(texts)
        for start in range(len(text))
        if text.startswith(value, start)
    }
    found = list(joined(texts).find(values))
    assert {(one.value, one.record, one.start) for one in found} == expected
    assert all(texts[one.record][one.start : one.end] == one.value == one.text for one in found)


@given(texts=TEXTS, values=VALUES)
def test_pieces_cover_exactly_what_some_six_characters_of_a_value_cover(
    texts: list[str], values: list[str]
) -> None:
    grams = {value[at : at + GRAM] for value in values for at in range(len(value) - GRAM + 1)}
    expected = {
        (number, place)
        for number, text in enumerate(texts)
        for start in range(len(text) - GRAM + 1)
        if text[start : start + GRAM] in grams
        for place in range(start, start + GRAM)
    }
    found = list(joined(texts).find_pieces(values))
    covered = [(one.record, place) for one in found for place in range(one.start, one.end)]
    assert set(covered) == expected
    assert len(covered) == len(expected)


def test_common_pieces_tell_nothing() -> None:
    found = joined(["a zorquav of passwords"]).find_pieces(
        ["passwords zorquav"], frozenset({"passwo", "asswor", "ssword", "swords"})
    )
    assert [one.text for one in found] == [" zorquav"]


def test_a_value_is_found_in_lines_that_are_gone_and_only_once_for_the_same_characters() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "zorquavblim")
    typist.backspace("src/a.py", len(typist.texts["src/a.py"]), 11)
    typist.type_at_end("src/a.py", "other\n")
    typist.save("src/a.py")
    typist.add(NoteStep, text="😀🚀 zorquavblim")
    episode = typist.episode()
    base = BaseWalk(episode)
    (mask,) = BaseTexts(base).masks(["zorquavblim"], [], frozenset())["zorquavblim"]
    assert base.marked((mask,))[0].text == "zorquavblim"
    (field,) = StringPlaces(episode.steps).masks(["zorquavblim"], [], frozenset())["zorquavblim"]
    assert (field.field, field.start) == ("/text", 3)
