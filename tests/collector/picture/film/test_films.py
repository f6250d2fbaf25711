"""Films as other programs decode them: what was laid out is what they show, as long as said."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.support.episodes import ASTRAL, episodes
from tests.support.pictures import Desk, hard_texts, is_ours, working_day
from tests.support.random_work import work

from signoff_collector.episode.content import Episode
from signoff_collector.imports.asciicast import read_asciicast
from signoff_collector.picture.cells import clusters
from signoff_collector.picture.drawn_files import DrawnFile, kind_in
from signoff_collector.picture.film.films import KINDS, Kind, film_of
from signoff_collector.picture.layout import Layout, Size
from signoff_collector.picture.painters.raster import Raster
from signoff_collector.picture.scene import Scenes
from signoff_collector.picture.workbench import lay_out
from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import CommandStep

SIZE = Size(width=480, height=300, font_px=10)
_ORDER = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")


def filmed(episode: Episode, kind: Kind, size: Size = SIZE) -> DrawnFile:
    return film_of(episode, kind, size, digest="0" * 64, length_s=20, theme="dark")


def last_layout(episode: Episode, size: Size = SIZE) -> Layout:
    scene = Scenes(episode).at(episode.step_count - 1)
    return lay_out(scene, size, MaskSigns(episode.header.masks))


def cells_of(layout: Layout) -> list[list[str]]:
    """Return what stands in each cell; behind a wide character nothing."""
    found = [[" "] * layout.size.columns for _ in range(layout.size.rows)]
    for row, pieces in enumerate(layout.rows):
        for one in pieces:
            column = one.column
            for cluster, cells in clusters(one.text):
                found[row][column : column + cells] = [cluster, *[""] * (cells - 1)]
                column += cells
    return found


def screen_of(cast: bytes) -> tuple[list[list[str]], float]:
    """Play a cast as a terminal does, as far as ours needs one: places, letters, no wrapping."""
    lines = cast.decode("ascii").splitlines()
    header = json.loads(lines[0])
    assert header["version"] == 2
    cells = [[" "] * header["width"] for _ in range(header["height"])]
    row = column = 0
    now = 0.0
    for line in lines[1:]:
        at_s, code, data = json.loads(line)
        assert code == "o"
        assert at_s >= now
        now = at_s
        place = 0
        for order in (*_ORDER.finditer(data), None):
            words = data[place : order.start() if order else len(data)]
            assert "\x1b" not in words
            assert "\n" not in words
            for cluster, size in clusters(words):
                cells[row][column : column + size] = [cluster, *[""] * (size - 1)]
                column += size
            if order is None:
                break
            place = order.end()
            match order[2]:
                case "H":
                    row, column = (int(one) - 1 for one in order[1].split(";"))
                case "J":
                    cells = [[" "] * header["width"] for _ in range(header["height"])]
                case other:
                    assert other in "mhl"
    return cells, now


@settings(max_examples=25)
@given(st.one_of(episodes(max_size=20), work()))
def test_a_terminal_shows_what_was_laid_out(episode: Episode) -> None:
    film = filmed(episode, "cast")
    shown, seconds = screen_of(film.content)
    assert shown == cells_of(last_layout(episode))
    assert seconds * 1000 == film.facts["length_ms"]


@pytest.mark.parametrize("make", [working_day, hard_texts])
def test_our_importer_reads_a_cast(make: type) -> None:
    film = filmed(make(), "cast")
    (step,) = (
        one for one in read_asciicast(film.content).episode.steps if isinstance(one, CommandStep)
    )
    assert step.duration_ns == int(str(film.facts["length_ms"])) * 1_000_000
    assert step.output is not None
    assert "FILES" in step.output.head + step.output.tail


@settings(max_examples=25)
@given(st.one_of(episodes(max_size=20), work()))
def test_a_moving_svg_holds_no_character_that_the_episode_never_showed(episode: Episode) -> None:
    scenes = Scenes(episode)
    known: set[str] = set()
    for seq in range(-1, episode.step_count):
        layout = lay_out(scenes.at(seq), SIZE, MaskSigns())
        known |= {one.text for row in layout.rows for one in row if not one.is_own}
    picture = ET.fromstring(filmed(episode, "svg").content)  # noqa: S314  # ours
    for one in picture.iter("{http://www.w3.org/2000/svg}text"):
        words = "".join(one.itertext())
        if one.attrib["class"].startswith("o "):
            assert is_ours(words), words
        else:
            assert words in known


def test_a_moving_svg_needs_nothing_from_elsewhere_and_stands_still_where_asked() -> None:
    film = filmed(working_day(), "svg").content.decode()
    assert "<script" not in film
    assert set(re.findall(r"https?://[^\"' ]+", film)) == {"http://www.w3.org/2000/svg"}
    assert "prefers-reduced-motion" in film
    used, defined = (
        set(re.findall(pattern, film)) for pattern in (r'href="#(r\d+)"', r'id="(r\d+)"')
    )
    assert used == defined


def test_a_gif_shows_the_end_as_long_as_it_says() -> None:
    film = filmed(working_day(), "gif")
    with Image.open(io.BytesIO(film.content)) as seen:
        assert seen.size == (480, 300)
        total_ms = 0
        for number in range(seen.n_frames):
            seen.seek(number)
            total_ms += seen.info["duration"]
        shown = np.asarray(seen.convert("RGB")).astype(int)
        facts = json.loads(seen.info["comment"])
    assert total_ms == film.facts["length_ms"] == facts["length_ms"]
    drawn = Raster(SIZE, "dark").painted(last_layout(working_day())).pixels
    assert np.abs(shown - drawn).mean() < 1.5  # 256 colours


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_video_is_decoded_to_what_was_drawn(kind: Kind) -> None:
    size = Size(width=481, height=301, font_px=10)
    film = filmed(working_day(), kind, size)
    with av.open(io.BytesIO(film.content)) as seen:
        frames = [one.to_ndarray(format="rgb24") for one in seen.decode(video=0)]
        said = {name.lower(): value for name, value in seen.metadata.items()}
    assert len(frames) * 100 == film.facts["length_ms"]
    assert frames[0].shape == (300, 480, 3)  # even, as these encoders want it
    assert json.loads(said["comment"]) == film.facts
    drawn = Raster(size, "dark").painted(last_layout(working_day(), size)).pixels[:300, :480]
    assert np.abs(frames[-1].astype(int) - drawn).mean() < 4  # half the colour, and a loss
    assert np.abs(frames[0].astype(int) - drawn).mean() > 4  # which another moment is beyond


@pytest.mark.parametrize("kind", ["svg", "cast", "gif", "mp4", "webm"])
def test_the_same_film_is_made_twice_with_the_same_bytes(kind: Kind) -> None:
    assert filmed(working_day(), kind).content == filmed(working_day(), kind).content


@pytest.mark.parametrize("kind", ["svg", "cast", "gif", "mp4", "webm"])
def test_an_episode_without_steps_is_filmed(kind: Kind) -> None:
    film = filmed(Desk().episode(), kind)
    assert film.facts["shots"] == 1
    assert len(film.content) > 200


def test_the_facts_name_what_was_assumed_anywhere_in_the_film() -> None:
    facts = filmed(working_day(), "cast").facts
    assert {"window", "tabs", "terminal"} <= {*re.findall("[a-z_]+", str(facts["assumed"]))}
    assert ASTRAL not in str(facts)


def test_the_ending_of_the_name_is_the_kind() -> None:
    assert kind_in("a/b.MP4", KINDS, "film") == "mp4"
    for name in ("x", "x.avi", "x.png"):
        with pytest.raises(UsageError, match="is no film"):
            kind_in(name, KINDS, "film")
