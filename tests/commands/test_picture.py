"""`signoff picture` as a person calls it: a new file of one moment, or the reason why not."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.support.cli import signoff
from tests.support.episodes import ASTRAL, sample_episode
from tests.support.pictures import read_back, working_day

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK

pytestmark = pytest.mark.slow


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.episode"
    path.write_bytes(write_episode(working_day()))
    return path


def test_a_moment_is_drawn_into_a_new_file_of_the_owner_alone(
    home: Path, day: Path, tmp_path: Path
) -> None:
    target = tmp_path / f"{ASTRAL}.svg"
    said = signoff("picture", day, "--at", "step:7", "-o", target, "--json")
    assert said.code == 0, said
    row = json.loads(said.out)
    assert (row["path"], row["seq"], row["width"]) == (str(target), 7, 1280)
    assert row["size_bytes"] == target.stat().st_size
    assert "view_end" in row["assumed"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    words = "".join(text for _, text in read_back(target.read_text("utf-8")))
    assert "class Words:" in words
    assert "Ln 19, Col 8" in words
    again = signoff("picture", day, "-o", target)
    assert again.code == 13
    assert "exists already" in again.err
    assert not home.exists()


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_other_programs_read_the_pixels(home: Path, day: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"x.{kind}"
    words = ("--theme", "dark", "--size", "500x300", "--font-size", "10")
    assert signoff("picture", day, "-o", target, *words).code == 0
    with Image.open(target) as seen:
        seen.load()
        assert seen.size == (500, 300)
        assert seen.convert("RGB").getpixel((499, 20)) == (0x1B, 0x1E, 0x24)
        held = seen.text["signoff"] if kind == "png" else seen.info["xmp"]
    facts = json.loads(held)
    assert facts["font"]["name"] == "JetBrains Mono Regular"
    assert facts["theme"] == "dark"
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-o", "x.jpg"), 2, "End its name with .svg"),
        (("-o", "x.svg", "--size", "0x0"), 2, "64x48 to 7680x4320"),
        (("-o", "x.svg", "--size", "9999999x1"), 2, "--size 1280x800"),
        (("-o", "x.svg", "--size", "large"), 2, "--size 1280x800"),
        (("-o", "x.svg", "--font-size", "900"), 2, "6 to 72"),
        (("-o", "x.svg", "--at", "step:999"), 2, "show --steps"),
        (("-o", "x.svg", "--at", "soon"), 2, "start"),
        (("-o", "no/such/x.svg"), 2, "there is no folder"),
        (("-o", "x.png", "--font", "day.episode"), 10, "TrueType"),
        (("-o", "x.png", "--font", "none.ttf"), 10, "none.ttf"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_hint(
    home: Path, day: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = signoff("picture", day, *words, cwd=day.parent)
    assert result.code == code, result
    assert said in result.err
    assert sorted(path.name for path in day.parent.glob("x.*")) == []
    assert not home.exists()


def test_a_damaged_and_an_unmasked_episode_end_in_their_errors(home: Path, tmp_path: Path) -> None:
    unmasked, damaged = tmp_path / "unmasked.episode", tmp_path / "damaged.episode"
    plain = sample_episode()
    unmasked.write_bytes(write_episode(plain))
    said = signoff("picture", unmasked, "-o", tmp_path / "x.svg")
    assert said.code == 13
    assert "was never masked" in said.err
    masked = replace(plain, header=plain.header.model_copy(update={"versions": {MARK: "1"}}))
    damaged.write_bytes(write_episode(masked)[:-40])
    assert signoff("picture", damaged, "-o", tmp_path / "x.svg").code == 11
    damaged.write_bytes(b"")
    assert signoff("picture", damaged, "-o", tmp_path / "x.svg").code == 11
    assert signoff("picture", tmp_path / "none", "-o", tmp_path / "x.svg").code == 10
    assert not list(tmp_path.glob("x.*"))


def test_an_episode_without_steps_is_drawn(home: Path, tmp_path: Path) -> None:
    from tests.support.pictures import Desk

    empty = tmp_path / "empty.episode"
    empty.write_bytes(write_episode(Desk().episode()))
    for at in ("start", "end"):
        said = signoff("picture", empty, "--at", at, "-o", tmp_path / f"{at}.svg")
        assert said.code == 0, said
        assert "no file is open" in (tmp_path / f"{at}.svg").read_text("utf-8")
