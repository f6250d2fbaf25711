"""A picture holds what the masked episode holds, and nothing else; the same one each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import episodes
from tests.support.leaks import random_secret, windows
from tests.support.pictures import (
    Desk,
    hard_texts,
    is_ours,
    read_back,
    recorded,
    working_day,
)
from tests.support.random_work import work

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.picture.drawn_files import kind_in
from signoff_collector.picture.layout import Size
from signoff_collector.picture.painters.svg import svg_text
from signoff_collector.picture.pictures import KINDS, picture_of
from signoff_collector.picture.scene import Scene, Scenes
from signoff_collector.picture.workbench import lay_out
from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_schemas.errors import UsageError

SIZES = st.builds(
    Size,
    width=st.integers(64, 1600),
    height=st.integers(48, 900),
    font_px=st.integers(6, 30),
)


def drawn(episode: Episode, scene: Scene, size: Size) -> str:
    layout = lay_out(scene, size, MaskSigns(episode.header.masks))
    return svg_text(layout, "light", {"seq": scene.seq})


def check_words(scene: Scene, picture: str) -> None:
    known = recorded(scene)
    for is_own, words in read_back(picture):
        if is_own:
            assert is_ours(words), words
        else:
            assert any(words in one for one in known), words


@given(st.one_of(episodes(), work()), SIZES, st.data())
def test_every_character_drawn_is_of_the_masked_texts_or_of_our_list_of_words(
    episode: Episode, size: Size, data: st.DataObject
) -> None:
    scenes = Scenes(episode)
    for _ in range(3):
        seq = data.draw(st.integers(-1, episode.step_count - 1))
        scene = scenes.at(seq)
        picture = drawn(episode, scene, size)
        check_words(scene, picture)
        assert picture == drawn(episode, Scenes(episode).at(seq), size)


@pytest.mark.parametrize("episode", [working_day(), hard_texts()], ids=["day", "hard"])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (320, 200), (1280, 800), (2560, 1440)])
def test_a_day_and_hard_texts_are_read_back_at_every_step(
    episode: Episode, width: int, height: int
) -> None:
    scenes = Scenes(episode)
    for seq in range(-1, episode.step_count):
        scene = scenes.at(seq)
        check_words(scene, drawn(episode, scene, Size(width=width, height=height)))


def test_the_words_of_a_whole_screen_are_in_the_picture() -> None:
    episode = working_day()
    scene = Scenes(episode).at(episode.step_count - 1)
    words = [text for _, text in read_back(drawn(episode, scene, Size(width=1280, height=800)))]
    said = "\n".join(words)
    for part in (
        "Counter",  # of the text
        "main.rs",  # a tab and a file
        "FAILED tests/test_words.py::test_top - assert 1 == 2",  # the terminal
        "is not a word",  # a problem, and once more beside the terminal
        "tests: 1 passed, 1 failed",
        "REDACTED_TOKEN_1",
    ):
        assert part in said, part
    assert said.count("is not a word") == 2


def test_a_secret_under_a_mask_is_in_no_picture() -> None:
    """Pictures are made of the sealed episode, which does not hold it any more."""
    secret = random_secret(25)
    desk = Desk()
    desk.open("a.py", "token = 'REDACTED_TOKEN_1'\n")
    desk.command(("echo", "REDACTED_TOKEN_1"), "REDACTED_TOKEN_1\n")
    episode = desk.episode()
    scene = Scenes(episode).at(1)
    picture = drawn(episode, scene, Size(width=1280, height=800))
    assert picture.count("REDACTED_TOKEN_1") == 3
    assert not any(one in picture for one in windows(secret))


def test_the_same_moment_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    source = tmp_path / "a.episode"
    source.write_bytes(write_episode(working_day()))
    for kind in ("svg", "png", "webp"):
        made: list[bytes] = []
        for seed in ("1", "2"):
            target = tmp_path / f"{seed}.{kind}"
            subprocess.run(
                [sys.executable, "-m", "signoff_collector", "picture", source, "-o", target],
                env={**os.environ, "PYTHONHASHSEED": seed, "SIGNOFF_HOME": str(tmp_path / "home")},
                capture_output=True,
                timeout=120,
                check=True,
            )
            made.append(target.read_bytes())
        assert made[0] == made[1]
        assert len(made[0]) > 1000


def test_the_ending_of_the_name_is_the_kind() -> None:
    assert kind_in("a.b/c.SVG", KINDS, "picture") == "svg"
    assert kind_in("x.webp", KINDS, "picture") == "webp"
    for name in ("x", "x.jpg", ".png", ""):
        with pytest.raises(UsageError, match="is no picture"):
            kind_in(name, KINDS, "picture")


def test_the_facts_name_moment_episode_font_and_what_was_assumed() -> None:
    episode = hard_texts()
    scene = Scenes(episode).at(1)
    layout = lay_out(scene, Size(width=640, height=400), MaskSigns())
    facts = picture_of(layout, scene, "png", digest="f" * 64, theme="dark").facts
    assert facts["episode_sha256"] == "f" * 64
    assert (facts["seq"], facts["width"], facts["height"], facts["theme"]) == (1, 640, 400, "dark")
    assert facts["assumed"] == ["window", "tabs", "active", "no_cursor", "view"]
    assert facts["notes"] == ["right-to-left letters stand in the order of cells, each by itself"]
    assert "JetBrains Mono" in str(facts["font"])
    assert str(Path.home()) not in str(facts)
