"""A text in pieces is the text as a whole would be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signoff_collector.imports import buffers
from signoff_collector.imports.building import Building

ASTRAL = "\U0001f642\U00010348"
TEXT = st.text(st.sampled_from(f"ab\né{ASTRAL}\ud83d\ude42"), max_size=12)
EDITS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9), TEXT), max_size=12)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "_PIECE", 3)
    monkeypatch.setattr(buffers, "_LARGEST", 6)


@given(TEXT, EDITS)
def test_edits_in_code_points_give_the_text_that_slices_give(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    held = buffers.BufferText(text)
    for start, deleted, new in edits:
        low = min(start, len(text))
        gone = min(deleted, len(text) - low)
        held.replace(low, gone, new)
        text = text[:low] + new + text[low + gone :]
        assert (str(held), len(held)) == (text, len(text))


@given(TEXT, EDITS)
def test_edits_in_utf_16_give_the_units_that_an_editor_has(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    building = Building("x", "x")
    building.open("a", text)
    units = _utf16(text)
    for start, deleted, new in edits:
        fits = start + deleted <= len(units) // 2
        assert building.edit_units("a", start, deleted, new) == fits
        if fits:
            units = units[: 2 * start] + _utf16(new) + units[2 * (start + deleted) :]
        found = building.buffer("a")
        assert found is not None
        assert _utf16(found) == units


@given(TEXT)
@example("\ud83d\ude42\U00010348")
def test_every_place_of_utf_16_is_a_place_in_code_points_or_inside_a_pair(text: str) -> None:
    held = buffers.BufferText(text)
    for unit in range(len(_utf16(text)) // 2 + 2):
        place = held.point(unit)
        starts = [at for at in range(len(text) + 1) if len(_utf16(text[:at])) == 2 * unit]
        assert place == (starts[0] if starts else None)
