"""The text kept in memory of each open document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.bridge import EMOJI, at

from signoff_bridge.documents.disk import read_disk
from signoff_bridge.recording.documents import Mirror, has_full_text
from signoff_collector.text.positions import Encoding

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["range", "text", "start", "end", "line", "character"]), inner
        )
    ),
    max_leaves=15,
)


@given(st.lists(json_values, max_size=5))
def test_no_nonsense_in_changes_raises(changes: list[Any]) -> None:
    mirror = Mirror("one\ntwo\n")
    mirror.apply(changes, Encoding.UTF16)
    assert isinstance(mirror.text, str)


def test_a_range_far_outside_makes_the_text_doubtful() -> None:
    mirror = Mirror(f"{EMOJI}\n")
    mirror.apply([at(99, 0, 99, 0, "x")], Encoding.UTF16)
    assert mirror.is_doubtful
    mirror.reset("known again")
    assert not mirror.is_doubtful


def test_a_change_to_an_unknown_text_leaves_it_unknown() -> None:
    mirror = Mirror(None)
    mirror.apply([at(0, 0, 0, 0, EMOJI)], Encoding.UTF16)
    assert mirror.text is None
    assert mirror.is_doubtful


def test_whole_texts_among_ranges_become_ranges() -> None:
    mirror = Mirror("a\nb\n")
    ranged = mirror.as_ranged([at(0, 0, 0, 0, EMOJI), {"text": f"{EMOJI}a\nb!\n"}], Encoding.UTF16)
    assert ranged == [at(0, 0, 0, 0, EMOJI), at(1, 1, 1, 1, "!")]
    assert mirror.text == f"{EMOJI}a\nb!\n"


def test_full_text_is_told_from_ranges() -> None:
    assert has_full_text([{"text": "x"}])
    assert not has_full_text([at(0, 0, 0, 0, "x")])
    assert not has_full_text([])


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    assert read_disk(tmp_path / "pipe") is None
    assert read_disk(tmp_path) is None
    assert read_disk(tmp_path / "missing") is None
