"""One line as a terminal may get it: nothing in it is an order, everything can be pointed at."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.support.episodes import ASTRAL
from tests.support.player import ESCAPES

from signoff_collector.replay.drawing.shown_text import TAB_CELLS, shown_line, shown_words

LINES = st.text(
    alphabet=st.one_of(st.characters(exclude_characters="\n"), st.sampled_from(ESCAPES)),
    max_size=40,
)


def gives_orders(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(LINES)
def test_no_character_that_is_left_gives_an_order_to_a_terminal(raw: str) -> None:
    assert not [char for char in shown_line(raw).text if gives_orders(char)]
    assert not [char for char in shown_words(f"{raw}\n{raw}") if gives_orders(char)]


@given(LINES)
def test_every_recorded_character_has_its_place_in_what_is_shown(raw: str) -> None:
    shown = shown_line(raw)
    places = [shown.place(column) for column in range(len(raw) + 1)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == len(shown.text)
    for column, char in enumerate(raw):
        piece = shown.text[places[column] : places[column + 1]]
        assert piece, f"{char!r} is not shown"


def test_plain_text_and_two_characters_beyond_the_basic_plane_stay() -> None:
    assert shown_line(f"a = 1  # {ASTRAL}").text == f"a = 1  # {ASTRAL}"


def test_tabs_end_at_the_next_stop_after_wide_characters_too() -> None:
    assert shown_line("\tx").text == " " * TAB_CELLS + "x"
    assert shown_line("a\tx").text == "a" + " " * (TAB_CELLS - 1) + "x"
    assert cell_len(shown_line("漢\t").text) == TAB_CELLS


def test_a_tower_of_combining_marks_is_spelled_out() -> None:
    assert shown_line("e" + "\u0301" * 3).text == "e\u0301\u0301<U+0301>"
    assert shown_line("\u0301").text == "<U+0301>"


def test_escapes_bidi_and_hidden_characters_are_marks() -> None:
    shown = shown_line("\x1b[31m\r\u202e\u200b\u00a0").text
    assert shown == "␛[31m␍<U+202E><U+200B><U+00A0>"
