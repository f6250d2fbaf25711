"""Pixels are where the layout says, and what is drawn differently is only what differs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.support.episodes import ASTRAL
from tests.support.pictures import Desk, hard_texts, working_day

from signoff_collector.picture.layout import Box, Layout, Size
from signoff_collector.picture.painters.png import png_bytes
from signoff_collector.picture.painters.raster import Raster
from signoff_collector.picture.painters.svg import svg_text
from signoff_collector.picture.scene import Scenes
from signoff_collector.picture.themes import SEVERITIES, SYNTAX, THEMES, ThemeName
from signoff_collector.picture.workbench import lay_out
from signoff_collector.replay.drawing.mask_signs import MaskSigns

if TYPE_CHECKING:
    from signoff_collector.picture.painters.raster import Pixels

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "pictures"
SIZE = Size(width=640, height=400)


def layout_of(text: str, size: Size = SIZE) -> Layout:
    desk = Desk()
    desk.open("a.txt", text)
    return lay_out(Scenes(desk.episode()).at(0), size, MaskSigns())


def difference(one: Layout, other: Layout) -> Box:
    raster = Raster(SIZE, "light")
    changed = (raster.painted(one).pixels != raster.painted(other).pixels).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return Box(
        x=int(columns[0]),
        y=int(rows[0]),
        width=int(columns[-1] - columns[0] + 1),
        height=int(rows[-1] - rows[0] + 1),
    )


def inside(inner: Box, outer: Box) -> bool:
    return (
        outer.x <= inner.x
        and inner.x + inner.width <= outer.x + outer.width
        and outer.y <= inner.y
        and inner.y + inner.height <= outer.y + outer.height
    )


@pytest.mark.parametrize("at", [2, 3, 5, 11, 17])
def test_a_character_is_drawn_where_the_layout_says(at: int) -> None:
    """What another character changes in the picture lies in its box."""
    text = f"漢{ASTRAL[0]}ab\tc\nlong {ASTRAL} line\n"
    other = f"{text[:at]}Z{text[at + 1 :]}"
    first = layout_of(text)
    place = first.text_place(at)
    assert place is not None
    assert inside(difference(first, layout_of(other)), place)


def test_wide_characters_take_two_cells_and_tabs_reach_their_stop() -> None:
    layout = layout_of(f"漢{ASTRAL[0]}\tc")
    places = [layout.text_place(at) for at in range(5)]
    assert [one and one.width // SIZE.cell_width for one in places] == [2, 2, 4, 1, 1]
    assert layout.text_place(5) is None


@given(st.text(alphabet=st.sampled_from(f"ab \n\t漢e\u0301\u200bא{ASTRAL}"), max_size=60))
def test_a_pixel_of_a_character_leads_back_to_it(text: str) -> None:
    layout = layout_of(text)
    for offset in range(len(text)):
        box = layout.text_place(offset)
        if box is not None and text[offset] != "\u0301":
            assert layout.offset_at(box.x, box.y) == offset


@settings(max_examples=30)
@given(st.integers(64, 700), st.integers(48, 500), st.integers(6, 40), st.data())
def test_any_size_is_filled_to_its_edges(
    width: int, height: int, font_px: int, data: st.DataObject
) -> None:
    size = Size(width=width, height=height, font_px=font_px)
    episode = data.draw(st.sampled_from([working_day(), hard_texts()]))
    seq = data.draw(st.integers(-1, episode.step_count - 1))
    layout = lay_out(Scenes(episode).at(seq), size, MaskSigns())
    pixels = Raster(size, "dark").painted(layout).pixels
    assert pixels.shape == (height, width, 3)
    grounds = {bytes.fromhex(one[1:]) for one in THEMES["dark"].values()}
    assert {bytes(pixels[y, -1]) for y in (0, height - 1)} <= grounds


def test_a_raster_that_drew_before_draws_the_same() -> None:
    """What is kept of earlier pictures changes no later one, its facts neither."""
    episode = hard_texts()
    scenes, used = Scenes(episode), Raster(SIZE, "dark")
    for seq in (0, 1, 3, 4, 1, -1, 0):
        layout = lay_out(scenes.at(seq), SIZE, MaskSigns())
        fresh, again = Raster(SIZE, "dark").painted(layout), used.painted(layout)
        assert np.array_equal(fresh.pixels, again.pixels)
        assert fresh.font == again.font


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_golden_pictures_are_drawn_again(theme: ThemeName) -> None:
    """`write_golden_pictures.py` beside them makes them anew; look at them then."""
    svg, pixels = golden(theme)
    assert svg == (GOLDEN / f"{theme}.svg").read_text("utf-8")
    with Image.open(GOLDEN / f"{theme}.png") as kept:
        assert np.array_equal(np.asarray(kept.convert("RGB")), pixels)


def golden(theme: ThemeName) -> tuple[str, Pixels]:
    """Draw nothing but letters of the font that the tests pin: another machine has no others."""
    episode = working_day(signs="é")
    size = Size(width=560, height=340, font_px=10)
    layout = lay_out(
        Scenes(episode).at(episode.step_count - 1), size, MaskSigns(episode.header.masks)
    )
    return svg_text(layout, theme, {"seq": 0}), Raster(size, theme).painted(layout).pixels


def test_every_ink_is_readable_on_its_ground() -> None:
    """A contrast of 4.5 to 1 (WCAG 2.2, 1.4.3), as it is drawn."""
    used = _used()
    for theme in THEMES:
        for ink, ground in used:
            assert _contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5, (theme, ink, ground)


def _used() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for episode in (working_day(), hard_texts()):
        scenes = Scenes(episode)
        for seq in range(-1, episode.step_count):
            layout = lay_out(scenes.at(seq), Size(width=1280, height=800), MaskSigns())
            found |= {(one.look.ink, one.look.ground) for row in layout.rows for one in row}
    assert len(found) > 20
    inks = {*SYNTAX.values(), *SEVERITIES.values(), "text", "spelled"}
    return found | {(ink, ground) for ink in inks for ground in ("editor", "line", "selection")}


def _contrast(one: str, other: str) -> float:
    first, second = sorted((_luminance(one), _luminance(other)))
    return (second + 0.05) / (first + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_png_says_its_facts_and_holds_the_pixels() -> None:
    pixels = Raster(SIZE, "light").painted(layout_of(f"x = 1 {ASTRAL}\n")).pixels
    with Image.open(io.BytesIO(png_bytes(pixels, {"seq": 3, "a": "ä"}))) as seen:
        seen.load()
        assert np.array_equal(np.asarray(seen), pixels)
        assert json.loads(seen.text["signoff"]) == {"seq": 3, "a": "ä"}
