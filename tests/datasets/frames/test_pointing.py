"""A place is where its pixels say: every point leads back to what it is of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL
from tests.support.hands import TEXTS

from signoff_collector.picture.layout import Layout, Size
from signoff_collector.picture.scene import OpenFile, Scene
from signoff_collector.picture.workbench import lay_out, signs_of
from signoff_datasets.frames.pointing import (
    Hit,
    file_point,
    hit_at,
    terminal_point,
    text_point,
)

SIZES = st.builds(
    Size, width=st.integers(64, 1600), height=st.integers(48, 900), font_px=st.integers(6, 30)
)
LETTERS = st.text(f"ab \t\n漢אم\u0301\u200b\x07\r{ASTRAL}", max_size=120)


def drawn(text: str, size: Size, *, files: tuple[str, ...] = ("a.txt", "src/b.txt")) -> Layout:
    tabs = tuple(OpenFile(path=one, is_unsaved=False) for one in files[:2])
    scene = Scene(seq=0, t_ns=0, files=files, open_files=tabs, path=files[0], text=text)
    return lay_out(scene, size, signs_of(()))


@given(st.one_of(LETTERS, st.sampled_from(sorted(TEXTS.values()))), SIZES, st.data())
def test_a_click_where_a_character_is_said_to_be_comes_before_that_character(
    text: str, size: Size, data: st.DataObject
) -> None:
    layout = drawn(text, size)
    offset = data.draw(st.integers(0, len(text)))
    point = text_point(layout, offset)
    if point is not None:
        assert hit_at(layout, point.x, point.y) == Hit(kind="text", offset=offset)
        assert 0 <= point.x < size.width
        assert 0 <= point.y < size.height


def test_wide_and_turned_letters_tabs_and_halves_of_pairs_have_places_of_their_own() -> None:
    text = f"漢字 {ASTRAL}\tx אבג"
    layout = drawn(text, Size(width=1280, height=800))
    places = [text_point(layout, offset) for offset in range(len(text) + 1)]
    found = [one for one in places if one is not None]
    assert len(found) == len(places)
    assert [one.x for one in found] == sorted({one.x for one in found})
    assert found[0].box.width == 2 * found[2].box.width


def test_a_mark_over_a_letter_has_no_place_of_its_own() -> None:
    layout = drawn("e\u0301x", Size(width=1280, height=800))
    assert text_point(layout, 1) is None
    assert text_point(layout, 2) is not None


def test_what_is_right_of_a_long_line_is_not_drawn() -> None:
    layout = drawn("0123456789" * 1_000, Size(width=1280, height=800))
    assert text_point(layout, 0) is not None
    assert text_point(layout, 9_999) is None


def test_a_file_is_at_its_tab_or_its_row_and_another_nowhere() -> None:
    files = ("a.txt", "src/b.txt", "src/c.txt")
    layout = drawn("x", Size(width=1280, height=800), files=files)
    kinds = [point and point.kind for point in (file_point(layout, one) for one in files)]
    assert kinds == ["tab", "tab", "file"]
    assert file_point(layout, "nowhere") is None
    assert file_point(drawn("x", Size(width=64, height=48), files=files), "src/c.txt") is None


def test_the_prompt_is_where_one_types_into_the_terminal() -> None:
    layout = drawn("x", Size(width=1280, height=800))
    point = terminal_point(layout)
    assert point is not None
    assert hit_at(layout, point.x, point.y) == Hit(kind="terminal")
    assert terminal_point(drawn("x", Size(width=320, height=100))) is None
    assert hit_at(layout, 1279, 799) is None
    assert hit_at(layout, 10**6, 10**6) is None
