"""Lines of a text of any size, the same as if it had been cut up whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL

from signoff_collector.replay.drawing.line_index import LineIndex

TEXTS = st.text(alphabet=st.sampled_from(f"ab\n\r{ASTRAL}"), max_size=60)


@given(TEXTS, st.integers(0, 8), st.integers(0, 8), st.integers(0, 5), st.integers(1, 9))
def test_pieces_are_those_of_the_text_cut_at_its_line_breaks(
    text: str, first: int, more: int, left: int, most: int
) -> None:
    lines = LineIndex(text)
    whole = text.split("\n")
    assert lines.count == len(whole)
    pieces = lines.pieces(first, first + more, left, most)
    assert [piece for _, piece, _ in pieces] == [
        line[left : left + most] for line in whole[first : first + more]
    ]
    assert [goes_on for _, _, goes_on in pieces] == [
        len(line) > left + most for line in whole[first : first + more]
    ]


@given(TEXTS)
def test_lines_begin_and_end_where_they_do(text: str) -> None:
    lines = LineIndex(text)
    whole = text.split("\n")
    for number, line in enumerate(whole):
        assert text[lines.start(number) : lines.end(number)] == line
        assert lines.line_of(lines.start(number)) == number
    assert lines.start(len(whole)) == len(text)


def test_of_twenty_million_characters_only_those_seen_are_cut_out() -> None:
    line = f"{'x' * 98}{ASTRAL[0]}\n"
    lines = LineIndex(line * 200_000)
    assert lines.count == 200_001
    assert lines.pieces(199_999, 200_001, 0, 10) == [
        (19_999_900, "x" * 10, True),
        (20_000_000, "", False),
    ]
    assert lines.line_of(10_000_000) == 100_000
