"""Any text becomes text that Parquet, SQL and JSON hold, and tells what it was."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.tables.texts import halves, json_text, whole, with_halves

ANY = st.text(st.characters(codec=None, exclude_categories=()))
ASTRAL = "\U0001f642\U00010348"


@given(ANY)
def test_a_text_is_whole_of_the_same_length_and_can_be_had_back(text: str) -> None:
    made = whole(text)
    made.encode("utf-8")
    assert len(made) == len(text)
    assert with_halves(made, halves(text)) == text


@given(ANY)
def test_json_is_ascii_and_reads_back_as_the_whole_text(text: str) -> None:
    made = json_text({text: [text, {"a": text}], "n": (1, None, True)})
    assert made.isascii()
    assert json.loads(made)[whole(text)][0] == whole(text) if text != "n" else True


def test_what_is_whole_already_stays() -> None:
    assert whole(f"a{ASTRAL}\0\x1b\u2028") == f"a{ASTRAL}\0\x1b\u2028"
    assert halves(ASTRAL) is None
    assert (whole("a\ud83d"), halves("a\ud83d")) == ("a\ufffd", [1, 0xD83D])
