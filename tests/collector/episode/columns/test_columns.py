"""Edits survive the way into columns and back, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, MS, edit, edit_tables, same_tables, table, typing

from signoff_collector.episode.columns import columns, integers, times
from signoff_collector.episode.content import Edit, EditTable


def _there_and_back(edits: EditTable) -> EditTable:
    return columns.decode(columns.encode(edits), edits.seq, edits.evidence_sets)


@settings(max_examples=50)
@given(edit_tables())
def test_any_table_comes_back_the_same(edits: EditTable) -> None:
    assert same_tables(_there_and_back(edits), edits)


@given(typing())
def test_typing_comes_back_the_same(drawn: tuple[str, list[object], list[str]]) -> None:
    edits = EditTable.from_rows(drawn[1])  # type: ignore[arg-type]  # tuples of the right form
    assert same_tables(_there_and_back(edits), edits)


def test_characters_erased_at_once_stand_at_the_end_of_the_text_column() -> None:
    edits = [edit(i, i, 0, char) for i, char in enumerate(f"te{ASTRAL[0]}")]
    edits += [edit(3, 2, 1, ""), edit(4, 2, 0, "a")]
    coded = columns.encode(table(*edits))
    assert coded.streams["text"].decode() == f"tea{ASTRAL[0]}"
    assert _there_and_back(table(*edits)).text == f"te{ASTRAL[0]}a"


def test_two_buffers_typed_in_turn_make_one_row_each() -> None:
    edits = [edit(i, i // 2, 0, ASTRAL[i % 2], buffer=i % 2) for i in range(40)]
    coded = columns.encode(table(*edits))
    assert len(coded.streams["kinds"]) == 2
    assert same_tables(_there_and_back(table(*edits)), table(*edits))


def test_jumps_between_two_cursors_are_told_by_the_place_left() -> None:
    edits: list[Edit] = []
    first, second = 0, 1000
    for number in range(100):
        for put in (ASTRAL[number % 2], "b"):
            edits.append(edit(len(edits), first, 0, put))
            first, second = first + 1, second + 1
        size = 1 + number % 7
        edits.append(edit(len(edits), second, 0, "c" * size))
        second += size
    coded = columns.encode(table(*edits))
    assert len(coded.streams["places"]) == 199
    assert set(coded.streams["places"][2:]) == {1}
    assert same_tables(_there_and_back(table(*edits)), table(*edits))


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_foreign_places_are_read_or_refused(body: bytes) -> None:
    edits = [edit(i, 1000 * (i % 2) + i // 2, 0, "x") for i in range(200)]
    coded = columns.encode(table(*edits))
    assert coded.streams["places"]
    foreign = columns.Columns(shape=coded.shape, streams={**coded.streams, "places": body})
    try:
        columns.decode(foreign, np.arange(200), ((),))
    except ValueError:
        return


def test_times_are_rounded_down_to_a_millisecond_without_adding_up() -> None:
    edits = table(*[edit(i, i, 0, "x") for i in range(3)]).with_columns(
        t_ns=[999_999, 1_999_999, 2_999_999]
    )
    assert _there_and_back(edits).t_ns.tolist() == [0, MS, 2 * MS]


def test_times_that_run_backwards_are_refused() -> None:
    edits = table(edit(0, 0, 0, "x", t_ms=5), edit(1, 1, 0, "x", t_ms=4))
    with pytest.raises(ValueError, match="backwards"):
        columns.encode(edits)


def test_the_largest_fitting_unit_of_time_is_used() -> None:
    assert times.to_steps(np.array([0, 2_000 * MS]))[0] == 1_000 * MS
    assert times.to_steps(np.array([0, 2_010 * MS]))[0] == 10 * MS
    assert times.to_steps(np.array([0, 2_001 * MS]))[0] == MS


@given(st.lists(st.integers(0, integers.MAX_VALUE), max_size=50), st.sampled_from(integers.GRAINS))
def test_split_numbers_join_to_the_same(values: list[int], grain: int) -> None:
    array = np.array([min(v, integers.MAX_VALUE >> 6) for v in values], np.int64)
    symbols, bits = integers.split(array, grain)
    width = integers.bit_widths(symbols, grain)
    assert integers.join(symbols, width, bits, grain).tolist() == array.tolist()


@given(st.lists(st.integers(0, integers.MAX_VALUE), max_size=50))
def test_leb_numbers_come_back_the_same(values: list[int]) -> None:
    array = np.array(values, np.int64)
    assert integers.from_leb(integers.to_leb(array)).tolist() == values


@given(st.binary(max_size=30))
def test_foreign_leb_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        values = integers.from_leb(content)
    except ValueError:
        return
    assert all(0 <= value <= integers.MAX_VALUE for value in values.tolist())


@given(
    edit_tables(max_size=12),
    st.sampled_from(["kinds", *columns.GRAINED, "bits", "text"]),
    st.binary(max_size=20),
)
def test_any_foreign_column_is_read_or_refused(edits: EditTable, name: str, body: bytes) -> None:
    coded = columns.encode(edits)
    foreign = columns.Columns(shape=coded.shape, streams={**coded.streams, name: body})
    try:
        found = columns.decode(foreign, edits.seq, edits.evidence_sets)
    except ValueError:
        return
    assert len(found) == len(edits)
    assert int(found.start.min(initial=0)) >= 0


def test_a_row_count_beyond_the_edits_is_refused_before_memory_is_taken() -> None:
    coded = columns.encode(table(*[edit(i, i, 0, "x") for i in range(40)]))
    symbols, bits = integers.split(np.array([1 << 50]), 1)
    streams = {**coded.streams, "typed": symbols.tobytes(), "bits": np.packbits(bits).tobytes()}
    grains = [1] * len(columns.GRAINED)
    shape = {**coded.shape, "grains": grains}
    with pytest.raises(ValueError, match="add up"):
        columns.decode(columns.Columns(shape=shape, streams=streams), np.arange(40), ((),))


# 53 bits: what every reader holds exactly

LARGEST = (1 << 53) - 1


def _leb(value: int) -> bytes:
    """Return LEB128 bytes of any value, also of one that is never written."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def test_the_largest_number_is_read_and_the_next_refused() -> None:
    assert integers.from_leb(integers.to_leb(np.array([LARGEST]))).tolist() == [LARGEST]
    for one_more in (LARGEST + 1, 1 << 60, 1 << 70):
        with pytest.raises(ValueError, match="53 bits"):
            integers.from_leb(_leb(one_more))
    with pytest.raises(ValueError, match="53 bits"):
        integers.to_leb(np.array([LARGEST + 1]))


def test_a_split_number_of_more_bits_is_refused() -> None:
    for value, is_read in ((LARGEST, True), (LARGEST + 1, False)):
        symbols, bits = integers.split(np.array([value]), 1)
        width = integers.bit_widths(symbols, 1)
        if is_read:
            assert integers.join(symbols, width, bits, 1).tolist() == [value]
        else:
            with pytest.raises(ValueError, match="53 bits"):
                integers.join(symbols, width, bits, 1)


@pytest.mark.parametrize("name", ["txn", "version"])
def test_differences_that_add_up_to_more_are_refused(name: str) -> None:
    edits = table(*[edit(i, i, 0, ASTRAL[0]) for i in range(40)])
    coded = columns.encode(edits)
    for value, is_read in ((1 << 46, True), (1 << 48, False)):
        slow = {name: [_leb(value << 1), b""]}  # zigzag
        foreign = columns.Columns(shape={**coded.shape, "slow": slow}, streams=coded.streams)
        if is_read:
            columns.decode(foreign, edits.seq, edits.evidence_sets)
        else:
            with pytest.raises(ValueError, match="out of range"):
                columns.decode(foreign, edits.seq, edits.evidence_sets)


def test_an_edit_joined_to_none_is_refused() -> None:
    edits = table(*[edit(i, i, 0, ASTRAL[0], txn=5) for i in range(3)])
    coded = columns.encode(edits)
    slow = {"txn": [integers.to_leb(integers.zigzag(np.array([-1]))), b""]}
    foreign = columns.Columns(shape={**coded.shape, "slow": slow}, streams=coded.streams)
    with pytest.raises(ValueError, match="joined to none"):
        columns.decode(foreign, edits.seq, edits.evidence_sets)
