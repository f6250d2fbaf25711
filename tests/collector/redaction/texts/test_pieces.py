"""A sequence in pieces is the same as a whole one, whatever is done to it."""

from __future__ import annotations

from array import array
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.texts import pieces as pieces_module
from signoff_collector.redaction.texts.text_lines import lines_around
from signoff_collector.redaction.texts.texts import Text

EMOJI = "\U0001f600\U0001f9ea"
LETTERS = st.text(alphabet=f"ab\n{EMOJI}", max_size=40)
PLACE = st.integers(0, 200)
EDITS = st.lists(
    st.tuples(PLACE, st.integers(0, 60), LETTERS, st.sampled_from(["", "whole", "copy"])),
    max_size=25,
)


@given(opened=LETTERS, edits=EDITS, looks=st.lists(st.tuples(PLACE, PLACE), max_size=5))
def test_a_text_in_pieces_is_the_text(
    opened: str, edits: list[tuple[int, int, str, str]], looks: list[tuple[int, int]]
) -> None:
    """With pieces of four characters, so that every edit crosses some."""
    with patch.multiple(pieces_module, PIECE=4, GROWTH=1):
        chars, ids = opened, list(range(len(opened)))
        text, next_id = Text(opened, array("i", ids)), len(opened)
        copies: list[tuple[Text, str]] = []
        for wanted_start, wanted_length, put, then in edits:
            start = min(wanted_start, len(chars))
            end = min(start + wanted_length, len(chars))
            fresh = list(range(next_id, next_id + len(put)))
            next_id += len(put)
            text.replace(start, end, put, array("i", fresh))
            chars, ids = chars[:start] + put + chars[end:], ids[:start] + fresh + ids[end:]
            assert text.length == len(chars)
            for low, high in looks:
                assert text.part(low, high) == chars[low:high]
                assert text.ids_of(low, high).tolist() == ids[low:high]
            if then == "whole":
                assert (text.chars, text.ids.tolist()) == (chars, ids)
            elif then == "copy":
                copies.append((text.copy(), chars))
        assert (text.chars, text.ids.tolist()) == (chars, ids)
        assert [copy.chars for copy, _ in copies] == [known for _, known in copies]


def test_a_long_text_is_cut_where_it_is_edited_and_its_copy_is_not() -> None:
    line = f"line {EMOJI}\n"
    opened = line * (4 * pieces_module.PIECE // len(line))
    text = Text(opened, array("i", range(len(opened))))
    middle = opened.index("\n", len(opened) // 2) + 1
    text.replace(middle, middle, "x", array("i", [len(opened)]))
    copy = text.copy()
    text.replace(middle, middle + 1, "", array("i"))
    assert text.chars == opened
    assert copy.chars == opened[:middle] + "x" + opened[middle:]
    assert lines_around(copy, middle, 1) == (middle, middle + len(line))
