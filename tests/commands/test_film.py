"""`signoff film` as a person calls it: a new file that plays an episode, or the reason why not."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.episodes import sample_episode
from tests.support.pictures import working_day

from signoff_collector.episode.file.writer import write_episode

pytestmark = pytest.mark.slow


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.episode"
    path.write_bytes(write_episode(working_day()))
    return path


@pytest.mark.parametrize(
    ("kind", "begins"),
    [("svg", b"<svg"), ("cast", b'{"height"'), ("gif", b"GIF89a"), ("mp4", b"\0\0\0"),
     ("webm", b"\x1a\x45\xdf\xa3")],
)  # fmt: skip
def test_an_episode_is_played_into_a_new_file(
    home: Path, day: Path, tmp_path: Path, kind: str, begins: bytes
) -> None:
    target = tmp_path / f"day.{kind}"
    words = ("--length", "3", "--size", "320x200", "--font-size", "8")
    said = signoff("film", day, "-o", target, *words, "--json")
    assert said.code == 0, said
    row = json.loads(said.out)
    assert row["length_ms"] <= 5_100
    assert (row["width"], row["height"], row["font_px"]) == (320, 200, 8)
    assert target.read_bytes().startswith(begins)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert signoff("film", day, "-o", target).code == 13
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-o", "x.avi"), 2, "End its name with .mp4"),
        (("-o", "x.svg", "--length", "0"), 2, "1 to 300"),
        (("-o", "x.svg", "--size", "1x1"), 2, "64x48"),
        (("-o", "none/x.svg"), 2, "there is no folder"),
    ],
)
def test_what_cannot_be_filmed_is_refused_with_a_hint(
    home: Path, day: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = signoff("film", day, *words, cwd=day.parent)
    assert result.code == code, result
    assert said in result.err
    assert not list(day.parent.glob("x.*"))
    assert not home.exists()


def test_an_unmasked_and_a_damaged_episode_are_not_filmed(home: Path, tmp_path: Path) -> None:
    unmasked, damaged = tmp_path / "unmasked.episode", tmp_path / "damaged.episode"
    unmasked.write_bytes(write_episode(sample_episode()))
    assert signoff("film", unmasked, "-o", tmp_path / "x.svg").code == 13
    damaged.write_bytes(write_episode(working_day())[:-30])
    assert signoff("film", damaged, "-o", tmp_path / "x.svg").code == 11
    assert not list(tmp_path.glob("x.*"))
