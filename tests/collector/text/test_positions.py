"""LSP positions and the line text against a slow reference written from the specification."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.text.line_text import LineText
from signoff_collector.text.positions import (
    Encoding,
    column_in,
    content_length,
    split_lines,
)

_EOL = re.compile("\r\n|\n|\r")
_ALPHABET = st.sampled_from(["a", "b", "\n", "\r", "é", "漢", "😀", "🦊", "\f", "\u2028", "\x85"])
_TEXT = st.lists(_ALPHABET, max_size=30).map("".join)
_PLACE = st.tuples(st.integers(0, 12), st.integers(0, 20))


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.UTF32:
        return len(text)
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le"}[encoding]
    return len(text.encode(codec, "surrogatepass")) // (2 if encoding is Encoding.UTF16 else 1)


def _offset(text: str, line: int, column: int, encoding: Encoding) -> int:
    starts = [0, *(match.end() for match in _EOL.finditer(text))]
    ends = [*(match.start() for match in _EOL.finditer(text)), len(text)]
    if line >= len(starts):
        return len(text)
    at, end = starts[line], ends[line]
    units = 0
    while at < end and units + _units(text[at], encoding) <= column:
        units += _units(text[at], encoding)
        at += 1
    return at


def test_lines_end_only_where_the_protocol_says() -> None:
    assert split_lines("a\fb\u2028c\x85d\n\re\r\nf") == ["a\fb\u2028c\x85d\n", "\r", "e\r\n", "f"]


def test_a_text_always_has_a_last_line_without_ending() -> None:
    assert split_lines("") == [""]
    assert split_lines("a\n") == ["a\n", ""]


@pytest.mark.parametrize(
    ("line", "length"), [("", 0), ("ab\n", 2), ("ab\r\n", 2), ("ab\r", 2), ("ab", 2), ("\r\n", 0)]
)
def test_content_length_leaves_the_ending_out(line: str, length: int) -> None:
    assert content_length(line) == length


@pytest.mark.parametrize(
    ("encoding", "units"), [(Encoding.UTF8, 8), (Encoding.UTF16, 4), (Encoding.UTF32, 2)]
)
def test_two_emoji_are_counted_in_the_unit_of_the_client(encoding: Encoding, units: int) -> None:
    assert column_in("😀🦊x\n", units, encoding) == 2


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_column_past_the_line_is_the_end_of_its_content(encoding: Encoding) -> None:
    assert column_in("😀🦊\r\n", 99, encoding) == 2


@given(text=_TEXT, encoding=st.sampled_from(list(Encoding)), data=st.data())
def test_any_change_gives_the_text_the_specification_gives(
    text: str, encoding: Encoding, data: st.DataObject
) -> None:
    document = LineText(text)
    for _ in range(data.draw(st.integers(1, 5))):
        start, end = sorted([data.draw(_PLACE), data.draw(_PLACE)])
        put = data.draw(_TEXT)
        low = _offset(text, *start, encoding)
        high = max(low, _offset(text, *end, encoding))
        if encoding is Encoding.UTF16 and (_inside_pair(text, *start) or _inside_pair(text, *end)):
            continue
        splice = document.change(*start, *end, put, encoding)
        text = text[:low] + put + text[high:]
        assert splice == (low, high - low, put)
        assert str(document) == text
        assert document.line_count == len(split_lines(text))
        assert len(document) == len(text)


def _inside_pair(text: str, line: int, column: int) -> bool:
    at = _offset(text, line, column, Encoding.UTF16)
    next_at = _offset(text, line, column + 1, Encoding.UTF16)
    lines = _EOL.split(text)
    if line >= len(lines):
        return False
    units = _units(lines[line], Encoding.UTF16)
    return (
        column < units
        and next_at == at + 1
        and text[at] in "😀🦊"
        and (_offset(text, line, column - 1, Encoding.UTF16) == at if column else False)
    )


_UNITS = st.lists(st.sampled_from(["a", "\n", "\ud83d", "\ude00", "😀🦊"]), max_size=8).map("".join)


def _rejoin(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@given(text=_UNITS, data=st.data())
def test_changes_that_cut_pairs_in_half_follow_utf16(text: str, data: st.DataObject) -> None:
    text = _rejoin(text)
    document = LineText(text)
    for _ in range(data.draw(st.integers(1, 4))):
        wide = text.encode("utf-16-le", "surrogatepass")
        low = data.draw(st.integers(0, len(wide) // 2))
        high = data.draw(st.integers(low, len(wide) // 2))
        put = data.draw(_UNITS)
        places = []
        for at in (low, high):
            head = wide[: 2 * at].decode("utf-16-le", "surrogatepass")
            line = head.count("\n")
            tail = (
                wide[: 2 * at].rpartition("\n".encode("utf-16-le"))[2] if line else wide[: 2 * at]
            )
            places += [line, len(tail) // 2]
        splice = document.change(*places, put, Encoding.UTF16)
        raw = put.encode("utf-16-le", "surrogatepass")
        wanted = (wide[: 2 * low] + raw + wide[2 * high :]).decode("utf-16-le", "surrogatepass")
        assert str(document) == wanted
        assert _applied(text, *splice) == wanted
        text = wanted


def _applied(text: str, start: int, deleted: int, put: str) -> str:
    return text[:start] + put + text[start + deleted :]


def test_a_reversed_range_is_turned_round() -> None:
    document = LineText("one 😀🦊 two\n")
    assert document.change(0, 8, 0, 4, "x", Encoding.UTF16) == (4, 2, "x")
    assert str(document) == "one x two\n"


@given(text=_TEXT, data=st.data())
def test_replacing_by_offset_keeps_the_lines_right(text: str, data: st.DataObject) -> None:
    document = LineText(text)
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        deleted = data.draw(st.integers(0, len(text) - start))
        put = data.draw(_TEXT)
        document.replace(start, deleted, put)
        text = text[:start] + put + text[start + deleted :]
        assert str(document) == text
        assert document.line_count == len(split_lines(text))


def test_a_document_of_many_lines_is_edited_anywhere() -> None:
    lines = [f"line {number} 😀🦊\n" for number in range(3000)]
    document = LineText("".join(lines))
    for number in (2999, 0, 1500, 1501, 700, 2400):
        document.change(number, 0, number, 4, "LINE\n", Encoding.UTF16)
        text = "".join(lines)
        at = sum(map(len, lines[:number]))
        lines = split_lines(text[:at] + "LINE\n" + text[at + 4 :])
    assert str(document) == "".join(lines)
    document.change(10, 0, 2900, 0, "", Encoding.UTF16)
    assert str(document) == "".join(lines[:10] + lines[2900:])
