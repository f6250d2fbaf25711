"""A text as rows: what each says is what `linearise` says, and what it shows can be pointed at."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL

from signoff_collector.text.linear import linearise
from signoff_collector.text.rows import Rows

CHARS = st.sampled_from("ab \n\t\r\x1b[]@\u202e\u200b\ufe0f漢\ud83d" + ASTRAL)


def all_rows(text: str, width: int, step: int = 3) -> Rows:
    rows = Rows(text, width)
    while not rows.is_complete:
        rows.advance(step)
    return rows


@settings(deadline=None, derandomize=True)
@given(text=st.text(CHARS, max_size=200), width=st.integers(8, 40))
@example(text="", width=8)
@example(text="\n", width=8)
@example(text="a\n\n\n\n\nb", width=8)
@example(text="x" * 5000 + "\n" + ASTRAL * 3000, width=80)
def test_rows_show_every_character_in_order_and_harmless(text: str, width: int) -> None:
    rows = all_rows(text, width)
    shown_places: set[int] = set()
    for number in range(len(rows)):
        row = rows.row(number)
        assert row.shown == linearise(row.shown)
        if not row.shown.startswith("…"):
            shown_places |= {row.place(column) for column in range(len(row.shown))}
        assert row.line_start == text.rfind("\n", 0, row.start) + 1
    visible = {place for place, char in enumerate(text) if char != "\n"}
    told = sum(rows.row(number).shown.startswith("…") for number in range(len(rows)))
    assert visible <= shown_places or told


@settings(deadline=None, derandomize=True)
@given(text=st.text(CHARS, min_size=1, max_size=120), width=st.integers(8, 40))
def test_the_row_of_a_place_shows_it(text: str, width: int) -> None:
    rows = all_rows(text, width)
    for offset, char in enumerate(text):
        row = rows.row(rows.row_of(offset))
        if char != "\n" and not row.shown.startswith("…"):
            assert offset in {row.place(column) for column in range(len(row.shown))}


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_rows_are_the_same_however_far_one_goes_at_once(step: int) -> None:
    text = f"one\n\n\n\n\n\ttwo {ASTRAL}\n" + "x" * 9000 + "\n\x1b[31mred\n"
    want = all_rows(text, 20)
    got = all_rows(text, 20, step)
    assert [got.row(n) for n in range(len(got))] == [want.row(n) for n in range(len(want))]
